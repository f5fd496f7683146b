"""Rows of NIv2 and of P3."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.instances import prepare_row, prepare_rows

from ul2_flan.tasks.rendering.instances.suite_shapes import (
  niv2,
  p3,
  tk_instruct,
)

NIV2 = 'niv2:task1508_wordnet_antonyms'


def _row(*positive: dict[str, Any], output: tuple[str, ...] = ('out',)):
  return {
    'definition': 'D',
    'input': 'in',
    'output': [*output],
    'positive': [*positive],
  }


def test_an_example_of_the_task_goes_with_a_row_of_niv2() -> None:
  example = {'input': 'i', 'output': 'o', 'explanation': 'e'}
  instance = prepare_row(NIV2, 'niv2', _row(example))
  assert instance['output'] == 'out'
  assert (instance['positive_input'], instance['positive_output']) == ('i', 'o')
  assert instance['explanation'] == 'e'


def test_an_example_that_asks_the_same_is_not_shown() -> None:
  same = {'input': ' in ', 'output': 'out', 'explanation': 'e'}
  bare = {'input': 'i', 'output': 'o', 'explanation': ' '}
  for row in (_row(), _row(same), _row(bare)):
    instance = prepare_row(NIV2, 'niv2', row)
    assert instance['positive_input'] is None
    assert instance['explanation'] is None


@given(st.integers(0, 2**64 - 1))
def test_outputs_and_examples_are_drawn(bits: int) -> None:
  examples = [
    {'input': f'i{i}', 'output': [f'o{i}', 'x'], 'explanation': f'e{i}'}
    for i in range(3)
  ]
  (fields,) = niv2(_row(*examples, output=('a', ' ', 'b')), bits)
  assert fields['output'] == 'ab'[bits % 2]
  drawn = (bits >> 16) % 3
  assert fields['positive_input'] == f'i{drawn}'
  assert fields['positive_output'] == f'o{drawn}'


def test_a_row_without_an_output_is_rejected() -> None:
  prepared = prepare_rows(NIV2, 'niv2', _row(output=(' ',)))
  assert prepared.rejects == {'empty_output': [0]}


def test_a_row_of_p3_has_a_prompt_and_options() -> None:
  instance = prepare_row(
    't0_sf:wiki_qa_Is_This_True_',
    'p3',
    {
      'inputs_pretokenized': 'P\n',
      'targets_pretokenized': '\nNo',
      'answer_choices': ['No', 'Yes'],
    },
  )
  assert instance == {'prompt': 'P', 'answer': 'No', 'options': ('No', 'Yes')}


@given(st.integers(0, 2**64 - 1))
def test_one_of_several_targets_is_drawn(bits: int) -> None:
  row = {'inputs_pretokenized': 'P', 'targets_pretokenized': ['a', ' ', ' b ']}
  (fields,) = p3(row, bits, options=False)
  assert fields['answer'] == 'ab'[bits % 2]


def test_a_row_whose_targets_have_no_text_is_rejected() -> None:
  row = {'inputs_pretokenized': 'P', 'targets_pretokenized': ['', ' ']}
  prepared = prepare_rows('t0_sf:wiki_qa_Is_This_True_', 'p3', row)
  assert prepared.rejects == {'empty_answer': [0]}


def test_rank_classification_keeps_the_right_answer() -> None:
  row = {'inputs_pretokenized': 'P', 'targets_pretokenized': 'x'}
  name = 't0_sf:super_glue_cb_can_we_infer_score_eval'
  prepared = prepare_rows(
    name, 'p3', {**row, 'is_correct': True}, {**row, 'is_correct': False}
  )
  assert prepared.row == [0]
  assert prepared.rejects == {'wrong_choice': [1]}


def test_tk_instruct_shows_two_examples_of_each_kind() -> None:
  example = {'input': 'a?', 'output': 'b', 'explanation': ''}
  why = {'input': 'c', 'output': 'd.', 'explanation': 'So'}
  row = {
    'definition': 'Do it',
    'input': ' x ',
    'output': ['y'],
    'positive': [{**example, 'input': 'x'}, example, why, example],
    'negative': [why],
  }
  (instance,) = tk_instruct(row, 0)
  assert instance['output'] == 'y'
  assert instance['tk_instruct'] == (
    'Definition: Do it.\n\n'
    ' Positive Example 1 -\nInput: a?\n Output: b.\n\n'
    ' Positive Example 2 -\nInput: c.\n Output: d.\n Explanation: So.\n\n'
    ' Negative Example 1 -\nInput: c.\n Output: d.\n Explanation: So.\n\n'
    'Now complete the following example -\nInput: x.\nOutput: '
  )
