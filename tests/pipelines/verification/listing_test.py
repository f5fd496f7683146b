"""What belongs to nothing is named; what is somebody else's is left alone."""

import dataclasses
from pathlib import Path

import pytest
from support import tiny_manifests

from ul2_flan.pipelines.verification import listing


@pytest.fixture
def output(tmp_path) -> Path:
  tiny_manifests.write(tmp_path)
  return tmp_path


def leftovers(output: Path) -> list[str]:
  manifest = tiny_manifests.MANIFEST
  sizes = listing.sizes_of(str(output))
  return [*listing.leftovers(manifest, str(output), sizes)]


def touch(path: Path) -> Path:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.touch()
  return path


def test_nothing_is_left_over(output):
  assert leftovers(output) == []


@pytest.mark.parametrize(
  'name',
  [
    'n/a/train.tfrecord-00000-of-00099',  # a shard of another number
    'n/a/info.test.json',
    'n/old/COMPLETED',  # a data set of another run, of the same name
    'n/old/train.tfrecord-00000-of-00001',
    'n/notes.txt',
  ],
)
def test_what_lies_among_data_sets_is_stale(output, name):
  path = touch(output / name)
  assert leftovers(output) == [
    f'stale: {path} belongs to no data set of the manifest'
  ]


def test_a_data_set_of_another_name_is_stale(output):
  touch(output / 'old/b/COMPLETED')
  touch(output / 'old/b/train.tfrecord-00000-of-00001')
  (found,) = leftovers(output)
  assert found.startswith(f'stale: {output}/old/b is complete for seqio')


def test_what_is_somebody_elses_is_right(output):
  touch(output / 'notes.txt')
  touch(output / 'input/text-train.tfrecord-00000-of-00001')
  touch(output / 'quarantine/item-000000.jsonl')
  touch(output / '_progress_of_mine/x')
  touch(output / 'other_run/manifest.json')
  touch(output / 'other_run/m/COMPLETED')
  assert leftovers(output) == []


@pytest.mark.parametrize('name', ['', 'plan.json', 'item-000000.json'])
def test_an_unfinished_run_is_left_over(output, name):
  folder = output / '_progress'
  folder.mkdir()
  if name:
    touch(folder / name)
  (found,) = leftovers(output)
  assert found.startswith(f'leftover: {folder}: ')


def test_a_linked_data_set_is_listed(output, tmp_path_factory):
  elsewhere = tmp_path_factory.mktemp('elsewhere')
  (output / 'n/a').rename(elsewhere / 'a')
  (output / 'n/a').symlink_to(elsewhere / 'a')
  sizes = listing.sizes_of(str(output))
  assert f'{output}/n/a/COMPLETED' in sizes
  assert leftovers(output) == []


def test_sizes_are_compared():
  sizes = {'a': 3}
  assert listing.missing_or_unequal('a', 3, sizes) == ''
  assert listing.missing_or_unequal('b', 3, sizes) == 'missing: b'
  said = listing.missing_or_unequal('a', 4, sizes)
  assert said == 'truncated: a has 3 bytes, not 4'
  assert listing.missing_or_unequal('a', 2, sizes).startswith('too long: a ')


def test_shards_of_all_splits_are_listed():
  manifest = tiny_manifests.MANIFEST
  assert [shard.path for shard in listing.shards_of(manifest)] == [
    'n/a/train.tfrecord-00000-of-00001'
  ]
  assert listing.shards_of(dataclasses.replace(manifest, data_sets={})) == []
