"""What belongs to nothing is named; what is somebody else's is left alone."""

import dataclasses
import os
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
  listed = listing.Listing.of(manifest, str(output))
  return [*listing.leftovers(manifest, str(output), listed)]


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
  listed = listing.Listing.of(tiny_manifests.MANIFEST, str(output))
  assert f'{output}/n/a/COMPLETED' in listed.sizes
  assert leftovers(output) == []
  touch(elsewhere / 'a/old')
  assert leftovers(output) == [
    f'stale: {output}/n/a/old belongs to no data set of the manifest'
  ]


def test_a_link_beside_data_sets_is_named(output, tmp_path_factory):
  elsewhere = tmp_path_factory.mktemp('elsewhere')
  touch(elsewhere / 'theirs/x')
  (output / 'linked').symlink_to(elsewhere)
  listed = listing.Listing.of(tiny_manifests.MANIFEST, str(output))
  assert listed.notes == [
    f'note: {output}/linked is a link, and what it leads to was not checked'
  ]
  assert leftovers(output) == []
  # seqio would see these, wherever they are.
  touch(elsewhere / 'm/COMPLETED')
  (output / 'old').mkdir()
  (output / 'old/COMPLETED').symlink_to(elsewhere / 'm/COMPLETED')
  said = ' is complete for seqio, and the manifest has no such data set'
  assert set(leftovers(output)) == {
    f'stale: {output}/{name}{said}' for name in ('linked/m', 'old')
  }


def test_a_link_to_nothing_among_data_sets_is_stale(output):
  (output / 'n/a/old').symlink_to('nowhere')
  assert leftovers(output) == [
    f'stale: {output}/n/a/old belongs to no data set of the manifest'
  ]


def test_a_link_that_leads_far_is_not_followed_to_its_end(output, monkeypatch):
  (output / 'root').symlink_to('/')
  monkeypatch.setattr(listing, '_MOST_BEHIND', 7)
  assert len(listing._behind(str(output / 'root'))) == 7


def test_files_of_others_are_not_kept(output):
  touch(output / 'input/text.jsonl')
  listed = listing.Listing.of(tiny_manifests.MANIFEST, str(output))
  assert f'{output}/summary.txt' in listed.sizes
  assert not any('/input/' in path for path in (*listed.sizes, *listed.others))


@pytest.mark.parametrize('name', ['n/b', 'theirs'])
def test_a_folder_that_cannot_be_read_is_a_problem(output, name, monkeypatch):
  touch(output / name / 'x')
  scandir = os.scandir

  def refuse(path: str) -> object:
    if path == str(output / name):
      raise PermissionError(13, 'Permission denied', path)
    return scandir(path)

  monkeypatch.setattr(os, 'scandir', refuse)
  listed = listing.Listing.of(tiny_manifests.MANIFEST, str(output))
  assert listed.unreadable == [
    f'unreadable: {output}/{name}: Permission denied'
  ]
  assert f'{output}/n/a/COMPLETED' in listed.sizes


def test_a_changed_manifest_leads_nowhere_else(output):
  inner = output / 'n'
  names = ('..', '../x:a', '/etc', '', '.', str(output))
  changed = dataclasses.replace(
    tiny_manifests.MANIFEST, data_sets={name: {} for name in names}
  )
  assert listing.Listing.of(changed, str(inner)).sizes == {}


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
