"""Prepared directories are found by name, version and features."""

import json
from pathlib import Path
import tempfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.task_sources.prepared_directories import (
  CLASSES,
  TASK,
  numbers,
  prepare,
  task,
)
from support.task_sources.task_rows import rows_of, splits_of

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks.errors import UserError

BOUND = st.none() | st.integers(-15, 15)


@given(st.lists(st.integers(0, 5), max_size=4), BOUND, BOUND, st.integers(1, 4))
def test_slices_are_pythons(
  lengths: list[int], first: int | None, stop: int | None, block_rows: int
):
  bounds = ['' if b is None else str(b) for b in (first, stop)]
  sliced = task(splits={'validation': f'train[{":".join(bounds)}]'})
  with tempfile.TemporaryDirectory() as root:
    prepare(root, {'train': lengths})
    options = ReadOptions(block_rows=block_rows)
    found = splits_of(sliced, root, options=options)
  expected = list(range(sum(lengths)))[first:stop]
  if expected:
    assert numbers(found['validation']) == expected
    assert not found['validation'].rejects
  else:
    assert found == {}


def test_the_newest_version_that_fits_is_read(tmp_path: Path):
  prepare(tmp_path, {'train': [1]}, version='1.0.9')
  with pytest.raises(UserError, match=r'1\.1\.0 is the oldest version'):
    rows_of(TASK, tmp_path)
  prepare(tmp_path, {'train': [2]}, version='1.1.0')
  assert len(rows_of(TASK, tmp_path).rows) == 2
  prepare(tmp_path, {'train': [3]}, version='1.9.0')
  prepare(tmp_path, {'train': [4]}, version='1.10.0')
  assert len(rows_of(TASK, tmp_path).rows) == 4
  prepare(tmp_path, {'train': [5]}, version='2.0.0', columns={'text': 'text'})
  assert len(rows_of(TASK, tmp_path).rows) == 4
  prepare(tmp_path, {'train': [6]}, version='2.0.0.incomplete')
  assert len(rows_of(TASK, tmp_path).rows) == 4


@pytest.mark.parametrize(
  ('locator', 'found'),
  [
    ('some/set', True),
    # Configurations of another data set that have the name of one.
    ('set', False),
    ('set/1.1.0', False),
    ('some', False),
    ('awesome/set', False),
  ],
)
def test_a_data_set_is_found_by_its_whole_name(
  locator: str, found: bool, tmp_path: Path
):
  prepare(tmp_path, {'train': [1]})
  for root in (tmp_path, tmp_path / 'some' / 'set'):
    splits = splits_of(task(locator=f'{locator}:1.1.0'), root)
    assert bool(splits) == found


def test_shards_are_named_as_the_directory_says(tmp_path: Path):
  folder = prepare(tmp_path, {'train': [2, 2]})
  template = '{SPLIT}.{SHARD_INDEX}.of.{NUM_SHARDS}.{FILEFORMAT}'
  info = json.loads((folder / 'dataset_info.json').read_text())
  info['splits'][0]['filepathTemplate'] = template
  (folder / 'dataset_info.json').write_text(json.dumps(info))
  for i in range(2):
    old = folder / f'some-train.tfrecord-0000{i}-of-00002'
    old.rename(folder / f'train.0000{i}.of.00002.tfrecord')
  assert numbers(rows_of(TASK, tmp_path)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ({'fileFormat': 'array_record'}, r'holds array_record, .*--file_format'),
    ({'columns': {'label': 'classLabel'}}, r"unknown column 'sentence'"),
    (
      {'columns': {'label': 'classLabel', 'sentence': 'image'}},
      r"'sentence' is a Image, which is not read",
    ),
    ({'shards': {'test': [1]}}, r"unknown split 'train'.*Known: test"),
    ({'splits': [{'shardLengths': ['1']}]}, r'dataset_info\.json does not'),
    (
      {'splits': [{'name': 'train', 'shardLengths': ['x']}]},
      r'dataset_info\.json does not',
    ),
    (
      {'splits': [{'name': 'train', 'shardLengths': ['1'] * 3}]},
      r'3 of 3 shards are missing, the first is .*-00000-of-00003',
    ),
    (
      {'classes': ['yes', 'no']},
      r'label\.labels\.txt has the classes yes, no; the catalog has no, yes',
    ),
  ],
)
def test_the_error_says_why_a_directory_cannot_be_read(
  given: dict[str, Any], message: str, tmp_path: Path
):
  prepare(tmp_path, **{'shards': {'train': [1]}, **given})
  with pytest.raises(UserError, match=f'^flan2021:rte: .*{message}'):
    rows_of(task(classes=CLASSES), tmp_path)


def test_a_directory_without_features_is_an_error(tmp_path: Path):
  (prepare(tmp_path, {'train': [1]}) / 'features.json').unlink()
  with pytest.raises(UserError, match=r'features\.json is missing\. Prepare'):
    rows_of(TASK, tmp_path)
