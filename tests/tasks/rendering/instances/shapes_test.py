"""Rows of unusual shape, through the tasks that have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.instances import Row, each_row, prepare_row, prepare_rows

from ul2_flan.tasks.rendering.instances.reject import RejectError
from ul2_flan.tasks.rendering.instances.shapes import SHAPES

# A row as the source has it, and fields of the instance that it becomes.
CASES: list[Row] = [
  (
    'flan2021:squad_v2',
    'export',
    {'title': 'A_b', 'context': 'C', 'question': 'Q?', 'answers': {'text': []}},
    {'title': 'A b', 'answer': 'unanswerable'},
  ),
  (
    'flan2021:drop',
    'export',
    {
      'passage': 'P',
      'question': 'Q?',
      'answers_spans': {'spans': ['one', 'two'], 'types': ['span', 'span']},
    },
    {'answer': 'one, two'},
  ),
  (
    'flan2021:stsb',
    'tfds',
    {'sentence1': 'a', 'sentence2': 'b', 'label': np.float32(3.5)},
    {'answer': '4', 'options': ('0', '1', '2', '3', '4', '5')},
  ),
  (
    'program_synthesis:dmcc_python',
    'export',
    {
      'description': 'P',
      'solutions': {'language': [2, 3], 'solution': ['int', 'print']},
    },
    {'problem': 'P', 'solution': 'print'},
  ),
]


@each_row(CASES)
def test_rows_become_instances(
  name: str, kind: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
  assert expected.items() <= prepare_row(name, kind, row).items()


@pytest.mark.parametrize(
  ('answer', 'expected'),
  [
    ({'number': '3', 'spans': []}, '3'),
    ({'number': '', 'spans': ['a', 'b']}, 'a, b'),
    ({'date': {'day': '4', 'month': 'May', 'year': ''}}, '4 May'),
    ({}, ''),
  ],
)
def test_answers_of_drop(answer: dict[str, Any], expected: str) -> None:
  (fields,) = SHAPES['drop']({'answer': answer}, 0)
  assert fields['answer'] == expected


@pytest.mark.parametrize(
  ('name', 'fields', 'reason'),
  [
    ('unified_qa', {'text': 'Q? \\n (A) a (B) b', 'answer': 'a'},
     'not_four_options'),
    ('rounded_score', {'answer': '-1'}, 'no_label'),
    ('gsm8k', {'answer': 'It is 5.'}, 'no_label'),
    ('code_contests', {'solutions': None}, 'no_python'),
    ('code_contests', {'solutions': {'language': [1], 'solution': ['x']}},
     'no_python'),
  ],
)  # fmt: skip
def test_rows_that_give_no_instance_are_rejected(
  name: str, fields: dict[str, Any], reason: str
) -> None:
  with pytest.raises(RejectError) as error:
    SHAPES[name](fields, 0)
  assert error.value.reason == reason


@pytest.mark.parametrize(
  ('task', 'options', 'mark', 'answer'),
  [
    ('aqua', '(A) 8 km\n(B) 10 kmph', '(B)', '10 kmph'),
    ('qasc', '- (A) bird\n- (B) DNA', '(A)', 'bird'),
    (
      'sensemaking',
      '- Sentence A: "Ice is hot."\n- Sentence B: "Ice is cold."',
      'Sentence A',
      'Ice is hot',
    ),
  ],
)
def test_a_question_is_not_asked_for_by_a_letter(
  task: str, options: str, mark: str, answer: str
) -> None:
  row = {
    'question': f'Which?\nOptions:\n{options}',
    'chain_of_thought': 'So it is.',
    'answer': mark,
  }
  assert prepare_row(f'cot:{task}', 'cot_tsv', row)['answer'] == mark
  inverted = f'cot:{task}_question_from_answer'
  instance = prepare_row(inverted, 'cot_tsv', row)
  assert instance['answer'] == answer
  assert instance['question'] == row['question']
  lost = prepare_rows(inverted, 'cot_tsv', {**row, 'answer': '(H)'})
  assert lost.rejects == {'answer_not_an_option': [0]}
