"""Parquet: good rows are read, bad ones rejected with their places."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpora import write
from support.task_sources.exports import TASK, export, numbered
from support.task_sources.task_rows import rows_of, task_with

from ul2_flan.pipelines.task_sources.readers import parquet


@pytest.mark.parametrize('split', ['train', 'train[:-2]'])
def test_a_file_that_is_not_parquet_is_one_reject(tmp_path, split):
  task = task_with(
    kind='export', locator='org/name/config', splits={'train': split}
  )
  write(tmp_path / 'org/name/config/train.parquet', b'PAR1 or so')
  assert rows_of(task, tmp_path).reasons == [(0, 'damaged_file')]


def test_a_file_with_two_columns_of_a_name_is_not_read(tmp_path):
  export(tmp_path, 'train.parquet', numbered(9))
  path = tmp_path / 'org/name/config/train.parquet'
  table = pq.read_table(path)
  twice = table.append_column(table.schema[0], table.column(0))
  pq.write_table(twice, path)
  read = rows_of(TASK, tmp_path)
  assert not read.rows
  (reject,) = read.rejects
  name = table.schema[0].name
  assert reject.reason == 'damaged_file'
  assert f"2 columns called '{name}'" in reject.detail


def test_a_damaged_row_group_loses_its_rows_only(tmp_path):
  export(tmp_path, 'train.parquet', numbered(9))
  path = tmp_path / 'org/name/config/train.parquet'
  group = pq.ParquetFile(path).metadata.row_group(1)
  start = min(
    c.dictionary_page_offset or c.data_page_offset
    for c in (group.column(i) for i in range(group.num_columns))
  )
  data = bytearray(path.read_bytes())
  data[start : start + 40] = b'\xff' * 40
  path.write_bytes(data)
  read = rows_of(TASK, tmp_path)
  assert read.rows == numbered(9)[:3] + numbered(9)[6:]
  assert read.places == [0, 1, 2, 6, 7, 8]
  assert read.reasons == [(3, 'damaged_file')]


def test_a_row_of_parquet_that_is_not_utf8_is_rejected(tmp_path):
  raw = pa.array([b'good', b'\xff\xfe', b'fine'], pa.binary())
  text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
  path = tmp_path / 'org/name/config/train.parquet'
  path.parent.mkdir(parents=True)
  pq.write_table(pa.table({'text': text}), path)
  read = rows_of(TASK, tmp_path)
  assert [r['text'] for r in read.rows] == ['good', 'fine']
  assert read.reasons == [(1, 'invalid_utf8')]


def test_rows_are_counted_by_row_group(tmp_path):
  export(tmp_path, 'train.parquet', numbered(8))
  path = str(tmp_path / 'org/name/config/train.parquet')
  assert parquet.row_counts(path) == [3, 3, 2]
  assert parquet.row_counts(write(tmp_path / 'not.parquet', b'PAR1')) == []


@given(numbers=st.lists(st.floats(width=32, allow_nan=False)))
def test_a_single_is_read_as_its_shortest_text(numbers):
  read = parquet._shortest({'a': [numbers]})['a'][0]
  assert np.float32(read).tolist() == numbers
  assert [str(number) for number in read] == [
    str(float(str(np.float32(number)))) for number in numbers
  ]


def test_a_missing_column_rejects_rows_and_names_those_there(tmp_path):
  export(tmp_path, 'train.parquet', numbered(2))
  task = task_with(
    kind='export', locator='org/name/config', fields={'premise': 'title'}
  )
  found = rows_of(task, tmp_path)
  assert found.reasons == [(0, 'missing_field'), (1, 'missing_field')]
  assert 'the record has text, label, score' in found.rejects[0].detail
