"""Task files of NaturalInstructions in all forms, good and bad."""

import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.task_sources.task_rows import Rows, rows_of

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog

TASK = catalog.load('niv2:task002_quoref_answer_generation')
NAME = 'task002_quoref_answer_generation'
GOOD = {'input': 'Who?', 'output': 'Ada', 'explanation': 'It says so.'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('niv2')


def document(instances: list[Any]) -> dict[str, Any]:
  return {
    'Definition': ['Answer the question.'],
    'Positive Examples': [GOOD],
    'Instances': instances,
  }


def read(folder: Path, value: Any, name: str = f'{NAME}.json') -> Rows:
  data = value if isinstance(value, bytes) else json.dumps(value).encode()
  path = folder / name
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(data)
  try:
    return rows_of(TASK, folder, options=ReadOptions(block_rows=2))
  finally:
    path.unlink()


@given(
  pairs=st.lists(
    st.tuples(st.text(max_size=6), st.lists(st.text(max_size=6), min_size=1)),
    max_size=7,
  )
)
def test_all_forms_give_the_same_rows_and_keys(folder, pairs):
  now = [
    {'id': f'{i}', 'input': a, 'output': b} for i, (a, b) in enumerate(pairs)
  ]
  expected = read(folder, document(now))
  assert [(r['input'], r['output']) for r in expected.rows] == pairs
  assert all(r['positive'] == [GOOD] for r in expected.rows)
  same = dict(zip(map(repr, pairs), expected.keys, strict=True))
  assert len(set(same.values())) == len(same)

  before = [{'input': a, 'output': b} for a, b in pairs]
  legacy = {**document(before), 'Definition': 'Answer the question.'}
  assert read(folder, legacy) == expected

  bigbench = {
    'task_prefix': 'Definition: Answer the question.',
    'examples': [{'input': a, 'target': b} for a, b in pairs],
  }
  for name in (f'sub{NAME}.json', f'sub{NAME}/task.json'):
    own = read(folder, bigbench, name)
    assert own.keys == expected.keys
    assert [{**r, 'positive': [GOOD]} for r in own.rows] == expected.rows


@pytest.mark.parametrize(
  ('prefix', 'definition'),
  [
    (
      'Definition: Add.  Things to Avoid: - Emphasis/Caution: - Prompt: Sum?',
      'Add. Prompt: Sum?',
    ),
    (
      'Definition: Add. Things to Avoid: Signs - or not. \n Emphasis/Caution:'
      ' -   Prompt: -',
      'Add. Things to Avoid: Signs - or not.',
    ),
    (
      'Definition: Add. Emphasis/Caution: - not -1.  Prompt: Sum?',
      'Add. Emphasis/Caution: - not -1. Prompt: Sum?',
    ),
  ],
)
def test_a_prefix_of_bigbench_loses_what_it_lacks(folder, prefix, definition):
  value = {'task_prefix': prefix, 'examples': [{'input': 'a', 'target': 'b'}]}
  (row,) = read(folder, value, f'sub{NAME}.json').rows
  assert row['definition'] == definition


def test_an_output_may_be_a_text(folder):
  rows = read(folder, document([{'input': 'a', 'output': 'b'}]))
  assert rows.rows[0]['output'] == ['b']


def test_bad_rows_are_rejected_and_the_others_read(folder):
  instances = [
    {'input': 'a', 'output': ['b']},
    {'input': 'a'},
    {'output': ['b']},
    'a text',
    None,
    {'input': 5, 'output': ['b']},
    {'input': 'a', 'output': [5]},
    {'input': 'half a pair: \ud83d', 'output': ['b']},
    {'input': 'c', 'output': ['d']},
  ]
  rows = read(folder, document(instances))
  assert rows.places == [0, 8]
  assert rows.reasons == [
    *((i, 'wrong_type') for i in range(1, 7)),
    (7, 'invalid_utf8'),
  ]


def test_bad_examples_are_left_out(folder):
  positive = [
    GOOD,
    {'input': 'a'},
    {'output': 'a'},
    'a text',
    {'input': 'a', 'output': ['b', 'c'], 'explanation': None},
    {'input': 'a', 'output': []},
  ]
  value = {
    **document([{'input': 'a', 'output': 'b'}]),
    'Positive Examples': positive,
  }
  assert read(folder, value).rows[0]['positive'] == [
    GOOD,
    {'input': 'a', 'output': 'b', 'explanation': ''},
  ]


@pytest.mark.parametrize(
  ('data', 'detail'),
  [
    (b'', 'not JSON'),
    (b'[]', 'no object'),
    (b'{"Definition": ["x"], "Instances": [', 'not JSON'),
    (b'{"Definition": ["x"]}', "no 'Instances'; it has Definition"),
    (b'{"Instances": []}', "no 'Definition'"),
    (b'{"Definition": 5, "Instances": []}', 'another kind'),
    (b'{"Definition": "x", "Instances": {}}', 'another kind'),
    (b'\xff\xfe', 'not JSON'),
  ],
)
def test_a_file_that_is_no_task_is_one_reject(folder, data, detail):
  rows = read(folder, data)
  is_damaged = detail == 'not JSON'
  assert rows.reasons == [(0, 'damaged_file' if is_damaged else 'not_a_task')]
  assert detail in rows.rejects[0].detail


def test_a_damaged_archive_is_one_reject(folder):
  many = [{'input': str(i), 'output': 'b'} for i in range(5000)]
  data = gzip.compress(json.dumps(document(many)).encode())
  assert len(read(folder, data, f'{NAME}.json.gz').rows) == 5000
  rows = read(folder, data[:-100], f'{NAME}.json.gz')
  assert rows.reasons == [(0, 'damaged_file')]
