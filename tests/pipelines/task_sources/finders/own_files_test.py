"""A user's own files are found, whatever they are called."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpora import write
from support.task_sources.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.task_sources import Index, ReadOptions
from ul2_flan.pipelines.task_sources.finders import own_files
from ul2_flan.tasks.errors import UserError

ROWS = [{'a': f'row {i}', 'b': str(i)} for i in range(5)]
LINES = '\n'.join(map(json.dumps, ROWS)).encode()
CSV = b'a,b\n' + b''.join(f'{r["a"]},{r["b"]}\n'.encode() for r in ROWS)


def own(locator: str, **splits: str):
  return task_with(
    kind='files', locator=locator, splits=splits or {'train': 'train'}
  )


@pytest.mark.parametrize(
  ('name', 'data'),
  [
    ('x.jsonl', LINES),
    ('x.json', LINES),
    ('x.json', b' \n' + json.dumps(ROWS, indent=1).encode()),
    ('x.csv', CSV),
    ('x.tsv', CSV.replace(b',', b'\t')),
    ('x.parquet', b''),
  ],
)
def test_every_format_gives_the_same_rows(tmp_path: Path, name, data: bytes):
  if data:
    write(tmp_path / 'deep' / name, data)
  else:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / name)
  assert rows_of(own('x*'), tmp_path).rows == ROWS


def test_splits_are_files_or_slices(tmp_path: Path):
  write(tmp_path / 'x_train.jsonl', LINES)
  write(tmp_path / 'x_dev.jsonl', LINES.splitlines()[0])
  splits = splits_of(
    own('x_{split}.jsonl', train='train', validation='dev'), tmp_path
  )
  assert (splits['train'].rows, splits['validation'].rows) == (ROWS, ROWS[:1])
  sliced = own('x_train.jsonl', train='train[:-2]', validation='train[-2:]')
  assert splits_of(sliced, tmp_path)['validation'].rows == ROWS[-2:]


def test_another_ending_is_refused_with_those_that_are_taken(tmp_path: Path):
  write(tmp_path / 'x.xlsx', b'no rows')
  with pytest.raises(UserError, match=r'x.xlsx.* ends in none of .jsonl'):
    rows_of(own('x*'), tmp_path)


NAMES = st.sampled_from(
  ['a', 'b-c', 'a-00000-of-00002', 'a-00001-of-00002', 'train', 'dev', 'test']
)


@given(st.sets(st.tuples(st.sampled_from(['m', 'n']), NAMES), min_size=1))
def test_each_file_is_in_one_split_of_one_task(files: set[tuple[str, str]]):
  paths = {f'/d/{folder}/{name}.jsonl' for folder, name in files}
  index = Index([(path, 9) for path in sorted(paths)])
  # Files that are not there have one identity each, as others have.
  tasks = own_files.by_task(index, ReadOptions())
  placed = [
    (task, split, piece.path)
    for task, splits in tasks.items()
    for split, pieces in splits.items()
    for piece in pieces
  ]
  assert sorted(path for *_, path in placed) == sorted(paths)
  for task, split, path in placed:
    folder, name = path.split('/')[2:]
    stem = name.removesuffix('.jsonl')
    if stem in ('train', 'dev', 'test'):
      wanted = (folder, {'dev': 'validation'}.get(stem, stem))
    else:
      wanted = (stem[0] if stem[0] == 'a' else 'b_c', 'train')
    assert (task, split) == wanted
