"""Exports are found as the hub lays them out, and cut where they can be."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import write
from support.task_sources.exports import TASK, export, numbered
from support.task_sources.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.finders import exports
from ul2_flan.tasks.errors import UserError


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


@pytest.mark.parametrize(
  'folder', ['name/config', 'name/config/train', 'org/name/config/config/train']
)
@pytest.mark.parametrize('ending', ['csv', 'tsv'])
def test_text_with_columns_is_read_where_there_is_nothing_else(
  tmp_path, folder, ending
):
  """Also without the organisation, and with a configuration of its name."""
  cell = {'csv': ',', 'tsv': '\t'}[ending]
  rows = [{'text': f'row {i}', 'label': str(i)} for i in range(4)]
  lines = [cell.join(r.values()) for r in [{'a': 'text', 'b': 'label'}, *rows]]
  path = write(tmp_path / folder / f'train.{ending}', '\n'.join(lines).encode())
  splits = {'train': 'train[:-1]', 'validation': 'train[-1:]'}
  task = task_with(kind='export', locator='org/name/config', splits=splits)
  assert rows_of(TASK, tmp_path).rows == rows
  assert splits_of(task, tmp_path)['validation'].rows == rows[-1:]
  export(tmp_path, 'data/train.jsonl', numbered(2))
  assert rows_of(TASK, tmp_path).rows == numbered(2)
  assert path


def test_who_is_in_the_folder_of_a_data_set_may_name_it_so(
  tmp_path, monkeypatch
):
  export(tmp_path, 'train.jsonl', numbered(4))
  monkeypatch.chdir(tmp_path / 'org' / 'name')
  assert rows_of(TASK, '.').rows == numbered(4)


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


@given(
  size=st.integers(1, 5000),
  piece_bytes=st.integers(1, 6000),
  name=st.sampled_from(['a.jsonl', 'a.jsonl.gz']),
  rows=st.sampled_from([None, (0, 3)]),
)
def test_only_plain_lines_without_a_slice_are_cut(
  size: int, piece_bytes: int, name: str, rows: tuple[int, int] | None
):
  whole = Piece(name, 'jsonl', 0, size, size, rows=rows)
  pieces = [*exports.divide(whole, ReadOptions(piece_bytes=piece_bytes))]
  if rows or name.endswith('.gz'):
    assert pieces == [whole]
  assert [p.start for p in pieces] == [0, *(p.stop for p in pieces)][:-1]
  assert pieces[-1].stop == sum(p.size for p in pieces) == size


def test_parquet_is_cut_between_row_groups(tmp_path: Path):
  export(tmp_path, 'train.parquet', numbered(30))
  path = tmp_path / 'org/name/config/train.parquet'
  size = path.stat().st_size
  whole = Piece(str(path), 'parquet', 0, 1 << 31, size, rows=(4, 20))
  options = ReadOptions(piece_bytes=size // 4 + 1)
  pieces = [*exports.divide(whole, options)]
  assert [(p.start, p.stop) for p in pieces] == [
    (0, 2),
    (2, 5),
    (5, 7),
    (7, 10),
  ]
  assert {p.rows for p in pieces} == {(4, 20)}
