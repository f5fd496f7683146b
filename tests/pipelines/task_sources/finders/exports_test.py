"""Exports: one data set in every layout and format gives the same rows."""

import dataclasses
import json
from pathlib import Path
import shutil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpora import json_lines, write
from support.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks.errors import UserError

TASK = task_with(kind='export', locator='org/name/config')
SCHEMA = pa.schema(
  [
    ('text', pa.string()),
    ('label', pa.int64()),
    ('score', pa.float32()),
    ('answers', pa.struct([('text', pa.list_(pa.string()))])),
    ('found', pa.bool_()),
  ]
)
ROW = st.fixed_dictionaries(
  {
    'text': st.none() | st.text(max_size=8),
    'label': st.integers(-(2**53), 2**53),
    'score': st.integers(-50, 50).map(lambda tenths: tenths / 10),
    'answers': st.fixed_dictionaries(
      {'text': st.lists(st.text(max_size=5), max_size=3)}
    ),
    'found': st.booleans(),
  }
)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('exports')


def export(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
  """Writes rows as the name says."""
  path = root / 'org/name/config' / name
  if name.endswith('.parquet'):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, SCHEMA)
    pq.write_table(table, path, row_group_size=3)
  else:
    write(path, json_lines(rows))


def numbered(count: int) -> list[dict[str, Any]]:
  row = {'score': 1.5, 'answers': {'text': []}, 'found': True, 'label': 0}
  return [{**row, 'text': f'row {i}'} for i in range(count)]


@given(
  rows=st.lists(ROW, min_size=1, max_size=10),
  block_rows=st.integers(1, 5),
  piece_bytes=st.integers(1, 3000),
)
def test_formats_pieces_and_blocks_give_the_same_records_and_keys(
  folder, rows, block_rows, piece_bytes
):
  options = ReadOptions(block_rows=block_rows, piece_bytes=piece_bytes)
  for name in ('train.jsonl', 'train.jsonl.gz', 'train.parquet'):
    shutil.rmtree(folder / 'org', ignore_errors=True)
    export(folder, name, rows)
    read = rows_of(TASK, folder, options=options)
    assert read.rows == rows
    assert not read.rejects
    keys = {
      json.dumps(r, sort_keys=True): k
      for r, k in zip(rows, read.keys, strict=True)
    }
    assert len(set(keys.values())) == len(keys)
    whole = rows_of(TASK, folder)
    assert (whole.rows, whole.keys) == (read.rows, read.keys)
    assert whole.places == read.places
    if name == 'train.jsonl':
      first = read.keys
    assert read.keys == first


@given(
  sizes=st.lists(st.integers(0, 7), min_size=1, max_size=3),
  first=st.none() | st.integers(-9, 9),
  stop=st.none() | st.integers(-9, 9),
  kind=st.sampled_from(['jsonl', 'jsonl.zst', 'parquet']),
  piece_bytes=st.sampled_from([1, 1 << 20]),
)
def test_slices_are_those_of_the_whole_split(
  folder, sizes, first, stop, kind, piece_bytes
):
  shutil.rmtree(folder / 'org', ignore_errors=True)
  rows = numbered(sum(sizes))
  start = 0
  for i, size in enumerate(sizes):
    name = f'test-{i:05d}-of-{len(sizes):05d}.{kind}'
    export(folder, name, rows[start : start + size])
    start += size
  text = (
    f'test[{"" if first is None else first}:{"" if stop is None else stop}]'
  )
  task = task_with(
    kind='export', locator='org/name/config', splits={'test': text}
  )
  options = ReadOptions(block_rows=2, piece_bytes=piece_bytes)
  found = splits_of(task, folder, options=options)
  assert (found['test'].rows if found else []) == rows[first:stop]


def test_a_bad_row_moves_no_other_into_a_slice(tmp_path):
  lines = [json.dumps(row).encode() for row in numbered(10)]
  lines[3] = b'{"text": '
  lines.insert(5, b'  ')
  write(tmp_path / 'org/name/config/train.jsonl', b'\n'.join(lines))
  splits = {'train': 'train[:-4]', 'validation': 'train[-4:]'}
  task = task_with(kind='export', locator='org/name/config', splits=splits)
  found = splits_of(task, tmp_path)
  assert len(found['train'].rows) == 5
  assert [reason for _, reason in found['train'].reasons] == ['not_json']
  assert [r['text'] for r in found['validation'].rows] == [
    f'row {i}' for i in range(6, 10)
  ]


def test_a_sample_that_a_slice_would_empty_is_for_training(tmp_path):
  export(tmp_path, 'train.jsonl', numbered(20))
  splits = {'train': 'train[:-50]', 'validation': 'train[-50:]'}
  task = task_with(kind='export', locator='org/name/config', splits=splits)
  found = splits_of(task, tmp_path)
  assert list(found) == ['train']
  assert found['train'].rows == numbered(20)


@pytest.mark.parametrize(
  'name',
  [
    'train.jsonl',
    'train.json',
    'train.part1.jsonl.gz',
    'train-00000-of-00001.parquet',
    'data/train-00000-of-00001.parquet',
    'plain_text/train-00000-of-00001-a09b74b3ef9c3b56.parquet',
    'train/0000.parquet',
    'default/train/0000.parquet',
  ],
)
def test_layouts_of_the_hub_are_found(tmp_path, name):
  export(tmp_path, name, numbered(4))
  for other in (
    'train_extra.jsonl',
    'train-v1.1.json',
    'retrain.jsonl',
    'README.md',
    'train.csv',
  ):
    write(tmp_path / 'org/name/config' / other, b'{"no": "row"}\n')
  write(tmp_path / 'config' / 'train.jsonl', b'{"another": "data set"}\n')
  assert rows_of(TASK, tmp_path).rows == numbered(4)


def test_a_validation_split_may_be_called_dev(tmp_path):
  splits = {'train': 'train', 'validation': 'validation'}
  task = task_with(kind='export', locator='org/name/config', splits=splits)
  export(tmp_path, 'train.jsonl', numbered(4))
  export(tmp_path, 'dev.jsonl', numbered(2))
  assert splits_of(task, tmp_path)['validation'].rows == numbered(2)


def test_one_copy_is_read_where_there_are_several(tmp_path):
  for name in ('train.jsonl', 'train.jsonl.gz', 'train.parquet'):
    export(tmp_path / 'a', name, numbered(4))
    export(tmp_path / 'b', name, numbered(3))
  assert rows_of(TASK, tmp_path / 'b', tmp_path / 'a').rows == numbered(3)
  assert rows_of(TASK, tmp_path).rows == numbered(4)


def test_missing_shards_are_an_error_that_names_them(tmp_path):
  export(tmp_path, 'train-00000-of-00003.parquet', numbered(4))
  export(tmp_path, 'train-00002-of-00003.parquet', numbered(4))
  with pytest.raises(UserError, match=r"'train' 1 of 3 .* is number 00001"):
    splits_of(TASK, tmp_path)


def test_what_cannot_be_used_gives_way_to_what_can(tmp_path):
  export(tmp_path, 'train-00000-of-00003.parquet', numbered(4))
  export(tmp_path / 'elsewhere', 'train.jsonl', numbered(2))
  other = task_with(kind='rows', locator='elsewhere/org/name/config')
  task = dataclasses.replace(TASK, sources=TASK.sources + other.sources)
  assert rows_of(task, tmp_path).rows == numbered(2)


def test_bad_rows_are_rejected_with_their_places(tmp_path):
  fields = {'premise': 'text', 'hypothesis': '{label} {found}'}
  task = task_with(kind='export', locator='org/name/config', fields=fields)
  lines = [
    b'\xef\xbb\xbf{"text": "a", "label": 1, "found": true, "more": 5}',
    b'{"text": "a", "label": 1}',
    b'[1]',
    b'{"text": "\xff"}',
    b'{"text": ',
    b'',
    b'{"text": "b", "label": 1, "found": null}',
  ]
  path = write(tmp_path / 'org/name/config/train.jsonl', b'\n'.join(lines))
  starts = [sum(len(line) + 1 for line in lines[:i]) for i in range(7)]
  read = rows_of(task, tmp_path)
  assert read.rows == [
    {'text': 'a', 'label': 1, 'found': True},
    {'text': 'b', 'label': 1, 'found': None},
  ]
  assert read.places == [starts[0], starts[6]]
  assert read.reasons == list(
    zip(
      starts[1:5],
      ['missing_field', 'wrong_type', 'invalid_utf8', 'not_json'],
      strict=True,
    )
  )
  assert {r.source for r in read.rejects} == {path}
  assert 'text, label' in read.rejects[0].detail


def test_keys_are_of_the_columns_that_are_used(tmp_path):
  """Of nothing else: no other column, no place in the file."""
  task = task_with(
    kind='export', locator='org/name/config', fields={'premise': 'text'}
  )
  export(tmp_path / 'a', 'train.parquet', numbered(5))
  texts = [{'text': row['text']} for row in reversed(numbered(5))]
  export(tmp_path / 'b', 'train.jsonl', texts)
  keys = rows_of(task, tmp_path / 'a').keys
  assert rows_of(task, tmp_path / 'b').keys == keys[::-1]
  assert len(set(keys)) == 5


def test_the_rows_before_damage_are_kept(tmp_path):
  export(tmp_path, 'train.jsonl.gz', numbered(5000))
  path = tmp_path / 'org/name/config/train.jsonl.gz'
  path.write_bytes(path.read_bytes()[:-400])
  read = rows_of(TASK, tmp_path)
  assert read.rows == numbered(5000)[: len(read.rows)]
  assert read.rows
  assert read.reasons[-1][1] == 'damaged_file'


def test_damage_behind_a_slice_is_told(tmp_path):
  own = {'train': 'train[:-5]', 'validation': 'train[-5:]'}
  task = task_with(kind='export', locator='org/name/config', splits=own)
  export(tmp_path, 'train.jsonl.gz', numbered(5000))
  path = tmp_path / 'org/name/config/train.jsonl.gz'
  path.write_bytes(path.read_bytes()[:-400])
  found = splits_of(task, tmp_path)
  assert found['validation'].reasons[-1][1] == 'damaged_file'


@pytest.mark.parametrize('split', ['train', 'train[:-2]'])
def test_what_is_not_parquet_is_told(tmp_path, split):
  task = task_with(
    kind='export', locator='org/name/config', splits={'train': split}
  )
  write(tmp_path / 'org/name/config/train.parquet', b'PAR1 or so')
  assert rows_of(task, tmp_path).reasons == [(0, 'damaged_file')]


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
