"""Answers given by id, name or text, and rows whose answer is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.instances import Row, each_row, prepare_row, prepare_rows

# A row as the source has it, and fields of the instance that it becomes.
CASES: list[Row] = [
  (
    'flan2021:rte',
    'tfds',
    {'premise': ' A. ', 'hypothesis': 'B.', 'label': np.int64(1)},
    {'premise': 'A.', 'hypothesis': 'B.', 'answer': 'no'},
  ),
  (
    'flan2021:cb',
    'export',
    {'premise': 'A.', 'hypothesis': 'B.', 'label': 'neutral'},
    {'answer': 'it is not possible to tell'},
  ),
  (
    'flan2021:anli_r1',
    'export',
    {'premise': 'A.', 'hypothesis': 'B.', 'label': 2},
    {'premise': 'A.', 'answer': 'no'},
  ),
  (
    'flan2021:arc_easy',
    'tfds',
    {
      'question': 'Q?',
      'choices': {'text': ['x', 'y', 'z'], 'label': [0, 1, 2]},
      'answerKey': 2,
    },
    {'options': ('x', 'y', 'z'), 'answer': 'z'},
  ),
  (
    'flan2021:arc_easy',
    'export',
    {
      'question': 'Q?',
      'choices': {'text': ['x', 'y'], 'label': ['1', '2']},
      'answerKey': '2',
    },
    {'options': ('x', 'y'), 'answer': 'y'},
  ),
  (
    'flan2021:winogrande',
    'export',
    {'sentence': 'A _ b.', 'option1': 'x', 'option2': 'y', 'answer': '2'},
    {'answer': 'y'},
  ),
  (
    'flan2021:winogrande',
    'tfds',
    {'sentence': 'A _ b.', 'option1': 'x', 'option2': 'y', 'label': 0},
    {'answer': 'x'},
  ),
  (
    'flan2021:trec',
    'export',
    {'text': 'Who is it ?', 'coarse_label': 3},
    {'question': 'Who is it?', 'answer': 'a person or group'},
  ),
  (
    'flan2021:trec',
    'tfds',
    {'text': 'Where is it ?', 'label-coarse': 5},
    {'answer': 'a place'},
  ),
  (
    'flan2021:sentiment140',
    'tfds',
    {'text': 'yay', 'polarity': 4},
    {'answer': 'positive'},
  ),
  (
    'flan2021:record',
    'tfds',
    {
      'passage': 'P\n@highlight\nH',
      'query': 'In @placeholder .',
      'entities': ['Rome', 'Oslo', 'Rome'],
      'answers': ['Oslo'],
    },
    {'passage': 'P\nH', 'options': ('Rome', 'Oslo'), 'answer': 'Oslo'},
  ),
]


@each_row(CASES)
def test_the_answer_is_one_of_the_options(
  name: str, kind: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
  assert expected.items() <= prepare_row(name, kind, row).items()


@pytest.mark.parametrize(
  ('kind', 'label', 'reason'),
  [
    ('tfds', -1, 'no_label'),
    ('tfds', None, 'no_label'),
    ('tfds', '', 'no_label'),
    ('export', '-1', 'no_label'),
    ('tfds', 7, 'unknown_label'),
    ('export', 'Z', 'unknown_label'),
    ('export', 'perhaps', 'answer_not_an_option'),
    ('tfds', 0.5, 'malformed'),
  ],
)
def test_rows_whose_answer_is_none_are_rejected(
  kind: str, label: Any, reason: str
) -> None:
  row = {'premise': 'a', 'hypothesis': 'b', 'label': label}
  assert prepare_rows('flan2021:rte', kind, row).rejects == {reason: [0]}


def test_ids_that_the_source_does_not_have_are_rejected() -> None:
  row = {'text': 'hm', 'polarity': 2}
  prepared = prepare_rows('flan2021:sentiment140', 'tfds', row)
  assert prepared.rejects == {'unknown_label': [0]}


@pytest.mark.parametrize('options', [('x', 'x'), ('x', ' '), ('', '')])
def test_options_must_differ_and_have_text(options: tuple[str, str]) -> None:
  row = {
    'premise': 'a',
    'question': 'cause',
    'choice1': options[0],
    'choice2': options[1],
    'label': 0,
  }
  prepared = prepare_rows('flan2021:copa', 'tfds', row)
  assert prepared.rejects == {'bad_options': [0]}
