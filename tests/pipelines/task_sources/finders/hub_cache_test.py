"""The cache of the hub is read as the data sets that it holds."""

from collections.abc import Mapping
import os
from pathlib import Path

import pytest
from support.corpora import json_lines, write
from support.task_sources.exports import TASK, numbered
from support.task_sources.task_rows import rows_of

from ul2_flan.pipelines.task_sources.finders import hub_cache

REPO = 'hub/datasets--org--name'
NEW, OLD, CONVERTED = 'aaa', '000', '999'


def cached(root: Path, files: Mapping[str, bytes], **branches: str) -> None:
  """Writes the cache as huggingface_hub does: snapshots are links to blobs."""
  repo = root / REPO
  for path, data in files.items():
    blob = repo / 'blobs' / str(hash((path, data)))
    write(blob, data)
    link = repo / 'snapshots' / path
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
  for branch, commit in branches.items():
    write(repo / 'refs' / branch.replace('__', '/'), commit.encode())
  write(repo / '.no_exist' / NEW / 'dataset_infos.json', b'')


def test_the_current_snapshot_is_read_and_no_other(tmp_path: Path):
  new, old = json_lines(numbered(4)), json_lines(numbered(9))
  files = {
    f'{OLD}/config/train.jsonl': old,
    f'{NEW}/config/train.jsonl': new,
    f'{NEW}/README.md': b'a data set',
  }
  cached(tmp_path, files, main=NEW)
  assert rows_of(TASK, tmp_path).rows == numbered(4)
  # Whoever names a snapshot means it.
  old_one = tmp_path / REPO / 'snapshots' / OLD
  assert rows_of(TASK, old_one).rows == numbered(9)


def test_the_branch_of_converted_files_is_read_beside_a_script(tmp_path: Path):
  files = {
    f'{NEW}/name.py': b'print("a script")',
    f'{CONVERTED}/config/train/0000.jsonl': json_lines(numbered(4)),
  }
  cached(tmp_path, files, main=NEW, refs__convert__parquet=CONVERTED)
  assert rows_of(TASK, tmp_path).rows == numbered(4)


def test_rows_of_two_branches_never_mix(tmp_path: Path):
  files = {
    f'{CONVERTED}/config/train/0000.jsonl': json_lines(numbered(9)),
    f'{NEW}/config/train.jsonl': json_lines(numbered(4)),
  }
  cached(tmp_path, files, main=NEW, refs__convert__parquet=CONVERTED)
  assert rows_of(TASK, tmp_path).rows == numbered(4)


@pytest.mark.parametrize('branches', [{}, {'main': 'never-downloaded'}])
def test_without_a_branch_any_snapshot_counts(tmp_path: Path, branches):
  files = {f'{OLD}/config/train.jsonl': json_lines(numbered(4))}
  cached(tmp_path, files, **branches)
  assert rows_of(TASK, tmp_path).rows == numbered(4)


def test_other_files_stay_where_they_are():
  listed = [('/a/b.json', 1), (f'/x/{REPO}/blobs/1', 2), ('/c/d.json', 3)]
  assert list(hub_cache.without_old(listed)) == [listed[0], listed[2]]
  assert hub_cache.folder_of('/a/b.json') == '/a'
  path = f'/x/{REPO}/snapshots/{NEW}/train.csv'
  assert hub_cache.folder_of(path).endswith(f'{NEW}/org/name')
