"""Slices are Python's, over all rows of all files of a split."""

import json
import shutil

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import write
from support.task_sources.exports import export, numbered
from support.task_sources.task_rows import splits_of, task_with

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.finders import split_slices

BOUND = st.none() | st.integers(-15, 15)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  return tmp_path_factory.mktemp('slices')


@given(first=BOUND, stop=BOUND)
def test_slices_are_parsed_as_python_writes_them(first, stop):
  bounds = ('' if bound is None else str(bound) for bound in (first, stop))
  name, wanted = split_slices.parse(f'test_r1[{":".join(bounds)}]')
  assert (name, wanted) == ('test_r1', slice(first, stop))
  assert split_slices.parse('test_r1') == ('test_r1', None)


@given(counts=st.lists(st.integers(0, 6)), first=BOUND, stop=BOUND)
def test_files_share_the_rows_of_a_slice(counts, first, stop):
  pieces = [Piece(f'{i}', 'jsonl', 0, 100, 100) for i, _ in enumerate(counts)]
  taken = split_slices.take(pieces, counts, slice(first, stop))
  starts = [sum(counts[:i]) for i, _ in enumerate(counts)]
  rows = [
    starts[int(piece.path)] + row
    for piece in taken
    for row in range(*(piece.rows or (0, 0)))
  ]
  assert rows == list(range(sum(counts)))[first:stop]
  # Files without rows are in every slice: they may be damaged.
  unread = [piece.path for piece in taken if piece.rows is None]
  assert unread == [f'{i}' for i, count in enumerate(counts) if not count]


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
