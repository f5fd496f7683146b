"""Arrow streams are read as `datasets` saves them."""

from pathlib import Path

import pyarrow as pa
import pytest
from support.task_sources.exports import SCHEMA, TASK, numbered
from support.task_sources.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.readers import arrow


def save(path: Path, rows: list, batch: int = 3) -> Path:
  """Writes rows as the shards of `save_to_disk`, and what lies beside them."""
  path.parent.mkdir(parents=True, exist_ok=True)
  with pa.ipc.new_stream(str(path), SCHEMA) as stream:
    for start in range(0, len(rows), batch):
      part = pa.Table.from_pylist(rows[start : start + batch], SCHEMA)
      stream.write_table(part)
  for name in ('state.json', 'dataset_info.json'):
    path.with_name(name).write_text('{"no": "row"}')
  return path


NAME = 'data-00000-of-00001.arrow'
BOTH = {'train': 'train', 'validation': 'validation'}


@pytest.mark.parametrize('block_rows', [1, 2, 1000])
def test_a_saved_dictionary_of_splits_is_read(tmp_path: Path, block_rows: int):
  task = task_with(kind='export', locator='org/name/config', splits=BOTH)
  folder = tmp_path / 'name/config'
  (tmp_path / 'name/config').mkdir(parents=True)
  (folder / 'dataset_dict.json').write_text('{"splits": ["train"]}')
  save(folder / 'train' / NAME, numbered(7))
  save(folder / 'validation' / NAME, numbered(2))
  options = ReadOptions(block_rows=block_rows)
  splits = splits_of(task, tmp_path, options=options)
  assert splits['train'].rows == numbered(7)
  assert splits['train'].places == [*range(7)]
  assert splits['validation'].rows == numbered(2)


def test_a_split_that_was_saved_alone_is_for_training(tmp_path: Path):
  save(tmp_path / 'org/name/config' / NAME, numbered(4))
  assert rows_of(TASK, tmp_path).rows == numbered(4)


def test_slices_count_its_rows(tmp_path: Path):
  splits = {'train': 'train[:-2]', 'validation': 'train[-2:]'}
  task = task_with(kind='export', locator='org/name/config', splits=splits)
  path = save(tmp_path / 'org/name/config/train' / NAME, numbered(7))
  assert arrow.count(str(path)) == 7
  read = splits_of(task, tmp_path)
  assert read['train'].rows == numbered(7)[:-2]
  assert read['validation'].rows == numbered(7)[-2:]


@pytest.mark.parametrize('keep', [0, 10, 0.5, 0.9])
def test_a_cut_file_gives_what_is_whole_and_a_reject(tmp_path: Path, keep):
  path = save(tmp_path / 'org/name/config/train' / NAME, numbered(9))
  data = path.read_bytes()
  path.write_bytes(data[: keep if keep in (0, 10) else int(keep * len(data))])
  read = rows_of(TASK, tmp_path)
  assert read.rows == numbered(9)[: len(read.rows)]
  assert len(read.rows) < 9
  assert [reason for _, reason in read.reasons] == ['damaged_file']
