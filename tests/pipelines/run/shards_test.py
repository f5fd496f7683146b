"""Every example is in one shard, which its key chooses."""

import dataclasses
from pathlib import Path

import google_crc32c
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.outputs import read_shard, there
from support.tiny_plans import group_of

from ul2_flan.pipelines.run import Part, open_files
from ul2_flan.pipelines.run.shards import ShardWriter
from ul2_flan.tasks import records


def parts_of(count: int, shards: int) -> list[Part]:
  return [Part('g', i, (), i * shards, shards) for i in range(count)]


KEYS = st.lists(st.integers(0, 2**64 - 1), max_size=20)


@settings(max_examples=30)
@given(keys=KEYS, shards=st.integers(1, 4), cut=st.integers(0, 20))
def test_examples_are_divided_by_their_keys_alone(
  tmp_path_factory, keys: list[int], shards: int, cut: int
):
  folder = tmp_path_factory.mktemp('shards')
  part = parts_of(2, shards)[1]
  examples = [b'%d' % i for i in range(len(keys))]
  array = np.array(keys, np.uint64)
  with ShardWriter(str(folder), group_of(parts_of(2, shards)), part) as writer:
    # Blocks of any size give the same.
    writer.write('g:a', 'train', examples[:cut], array[:cut])
    writer.write('g:a', 'train', examples[cut:], array[cut:])
    made = writer.commit()
  train = [s for s in made if (s.data_set, s.split) == ('g:a', 'train')]
  assert [s.index for s in train] == list(range(shards, 2 * shards))
  for shard in train:
    expected = [
      e
      for e, key in zip(examples, keys, strict=True)
      if key % shards == shard.index - shards
    ]
    assert read_shard(folder / shard.path) == expected
    assert shard.records == len(expected)
  for shard in made:
    data = (folder / shard.path).read_bytes()
    assert shard.bytes == len(data)
    assert shard.crc32c == f'{google_crc32c.value(data):08x}'
  # Both data sets, and no file for examples held out, since there are none.
  assert len(made) == 2 * shards


@pytest.mark.parametrize(
  ('validation_shards', 'path'),
  [
    (0, None),
    (1, '_progress/parts/g/a/validation-000001'),
    (2, 'g/a/validation.tfrecord-00001-of-00002'),
  ],
)
def test_validation_examples_wait_where_parts_are_joined(
  tmp_path: Path, validation_shards: int, path: str | None
):
  parts = parts_of(2, 1)
  group = group_of(parts, validation_shards)
  with ShardWriter(str(tmp_path), group, parts[1]) as writer:
    if path:
      writer.write('g:a', 'validation', [b'x'], np.array([1], np.uint64))
    made = writer.commit()
  found = [s.path for s in made if s.split == 'validation']
  assert found == ([path] if path else [])
  assert all((tmp_path / shard.path).exists() for shard in made)


@pytest.mark.parametrize('validation_shards', [1, 2])
def test_a_part_that_holds_nothing_out_leaves_nothing_of_an_earlier_try(
  tmp_path: Path, validation_shards: int
):
  parts = parts_of(2, 1)
  group = group_of(parts, validation_shards)
  for data_set in group.data_sets:
    with ShardWriter(str(tmp_path), group, parts[1]) as writer:
      writer.write(data_set, 'validation', [b'x'], np.array([1], np.uint64))
      made = writer.commit()
    assert there(tmp_path) == sorted(shard.path for shard in made)


@pytest.mark.parametrize('validation_shards', [3, 6])
def test_validation_examples_are_kept_apart_by_denoiser(
  tmp_path: Path, validation_shards: int
):
  parts = parts_of(2, 1)
  group = group_of(parts, validation_shards)
  group = dataclasses.replace(group, denoisers=3)
  with ShardWriter(str(tmp_path), group, parts[1]) as writer:
    keys = np.arange(4, dtype=np.uint64)
    denoisers = np.array([2, 0, 2, 1])
    examples = [b'%d' % i for i in range(4)]
    writer.write('g:a', 'validation', examples, keys, denoisers)
    made = writer.commit()
  made = [s for s in made if (s.data_set, s.split) == ('g:a', 'validation')]
  assert [shard.index for shard in made] == [1, 3, 5]
  assert [shard.records for shard in made] == [1, 1, 2]
  for shard, wanted in zip(made, ([1], [3], [0, 2]), strict=True):
    data = (tmp_path / shard.path).read_bytes()
    assert data == records.frame_records([examples[i] for i in wanted])


def test_examples_of_test_data_are_in_the_split_test(tmp_path: Path):
  parts = parts_of(2, 1)
  group = dataclasses.replace(group_of(parts, 0), split='test')
  with ShardWriter(str(tmp_path), group, parts[1]) as writer:
    # Workers only tell which examples are held out.
    writer.write('g:a', 'train', [b'x'], np.array([1], np.uint64))
    shard, other = writer.commit()
  assert [shard.split, shard.index, shard.records] == ['test', 1, 1]
  assert shard.path == 'g/a/test.tfrecord-00001-of-00002'
  assert other.path == 'g/b/test.tfrecord-00001-of-00002'


def test_a_part_that_fails_leaves_no_file(tmp_path: Path):
  parts = parts_of(1, 2)
  keys = np.array([1], np.uint64)
  writer = ShardWriter(str(tmp_path), group_of(parts), parts[0])
  writer.write('g:a', 'train', [b'x'], keys)
  with pytest.raises(KeyError, match='g:c'), writer:
    writer.write('g:c', 'train', [b'x'], keys)
  assert there(tmp_path) == []


def test_shards_that_cannot_be_opened_leave_none(tmp_path: Path, monkeypatch):
  opened = []

  class Full(open_files.WholeFile):
    def __init__(self, path: str, scratch: str):
      if len(opened) == 3:
        raise OSError('disk full')
      super().__init__(path, scratch)
      opened.append(path)

  monkeypatch.setattr(open_files, 'WholeFile', Full)
  parts = parts_of(1, 2)
  with pytest.raises(OSError, match='disk full'):
    ShardWriter(str(tmp_path), group_of(parts), parts[0])
  assert there(tmp_path) == []
