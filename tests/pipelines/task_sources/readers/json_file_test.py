"""Lists in JSON documents become rows; other files are rejected."""

import gzip
import json
from pathlib import Path
import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import orjson
import pytest
from support.task_sources.task_rows import Rows, rows_of, task_with

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.readers import json_file


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('json')


def read(
  folder: Path, data: bytes, kind: str = 'json', each: str = '', end: str = ''
) -> Rows:
  (folder / f'train.{kind}{end}').write_bytes(data)
  task = task_with(kind=kind, locator=f'{{split}}.{kind}', each=each)
  return rows_of(task, folder, options=ReadOptions(block_rows=2))


@given(st.lists(st.lists(st.lists(st.integers(0, 9), max_size=3), max_size=3)))
def test_each_item_of_nested_lists_is_a_row(folder, value):
  document = {
    'version': 1,
    'data': [
      {'title': i, 'paragraphs': [{'qas': qas} for qas in paragraphs]}
      for i, paragraphs in enumerate(value)
    ],
  }
  expected = [
    {'version': 1, 'data': {'title': i, 'paragraphs': {'qas': question}}}
    for i, paragraphs in enumerate(value)
    for qas in paragraphs
    for question in qas
  ]
  data = json.dumps(document).encode()
  rows = read(folder, data, each='data.paragraphs.qas')
  assert rows.rows == expected
  assert rows.places == list(range(len(expected)))
  lines = read(folder, data, 'jsonl', each='data.paragraphs.qas')
  assert (lines.rows, lines.keys) == (expected, rows.keys)


def test_the_values_of_a_dict_can_be_rows(folder):
  data = b'{"x": {"p": 1, "qa": [2, 3]}, "y": {"p": 4, "qa": [5]}}'
  rows = read(folder, data, each='*.qa')
  assert rows.rows == [{'p': 1, 'qa': 2}, {'p': 1, 'qa': 3}, {'p': 4, 'qa': 5}]


@pytest.mark.parametrize('kind', ['json', 'jsonl'])
def test_rows_without_the_lists_are_rejected(folder, kind):
  rows: list[Any] = [{'qas': [1]}, {'other': 1}, 5, {'qas': [2]}]
  data = json.dumps(rows)
  if kind == 'jsonl':
    data = '\n'.join(map(json.dumps, rows))
  rows = read(folder, data.encode(), kind, each='qas')
  assert [r['qas'] for r in rows.rows] == [1, 2]
  assert [reason for _, reason in rows.reasons] == ['missing_field'] * 2


@pytest.mark.parametrize('data', [b'', b'[{"a": 1}', b'\xff', b'{"a": 1}\n{}'])
def test_a_file_that_is_not_json_is_one_reject(folder, data):
  assert read(folder, data).reasons == [(0, 'damaged_file')]


def test_garbage_behind_a_document_does_not_lose_it(tmp_path):
  data = gzip.compress(b'[{"a": 1}]') + b'garbage'
  rows = read(tmp_path, data, end='.gz')
  assert rows.rows == [{'a': 1}]
  assert rows.reasons == [(0, 'damaged_file')]


def test_a_bad_row_does_not_lose_the_others(folder):
  rows = read(folder, b'[{"a": 1}, {"a": "\\ud83d"}, 5, {"a": NaN}, {"a": 2}]')
  assert [str(r['a']) for r in rows.rows] == ['1', 'nan', '2']
  assert rows.reasons == [(1, 'invalid_utf8'), (2, 'wrong_type')]


def test_a_document_that_would_fill_the_memory_is_not_loaded(
  folder, monkeypatch
):
  data = json.dumps([{'text': f'row {i}'} for i in range(40)]).encode()
  assert len(read(folder, data).rows) == 40
  for name, most in (('_MAX_BYTES', len(data) - 1), ('_MAX_MEMORY', 9_000)):
    with monkeypatch.context() as patch:
      patch.setattr(json_file, name, most)
      rows = read(folder, data)
    assert rows.rows == []
    ((reason, detail),) = [(r.reason, r.detail) for r in rows.rejects]
    assert reason == 'damaged_file'
    assert 'Give it as JSON lines' in detail


@pytest.mark.parametrize('text', ['a', 'é', '水', '🌊'])
@pytest.mark.parametrize('form', ['[%s]', '{"%s": 1}', '["%s"]', '"%s"'])
def test_memory_is_not_underestimated(text: str, form: str):
  inner = form.replace('%s', text * 9 if '"' in form else '')
  data = f'[{",".join([inner] * 20_000)}]'.encode()
  tracemalloc.start()
  try:
    loaded = orjson.loads(data)
    taken, _ = tracemalloc.get_traced_memory()
  finally:
    tracemalloc.stop()
  assert len(loaded) == 20_000
  assert taken + len(data) <= json_file._memory(data)
