"""Groups are closed as their last reports come; nothing of them is lost."""

import dataclasses
from pathlib import Path

import google_crc32c
from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from support.tiny_plans import KNOWN, pieces_of, plan_of_sizes, report_of

from ul2_flan.pipelines.launch.manifest import groups
from ul2_flan.pipelines.launch.manifest.groups import ClosedGroup
from ul2_flan.pipelines.run import (
  Counts,
  Group,
  ItemShard,
  Plan,
  Report,
  division,
  reports,
)


def plan_of_groups(sizes: list[int], item_bytes: int) -> Plan:
  """A plan of as many groups as there are sizes; items may have several."""
  parts, made = [], {}
  for number, size in enumerate(sizes):
    name = f'task{number}'
    of_group = division.divide(name, pieces_of([1] * size), 1, 0)
    made[name] = Group((f'g:{name}',), size, size, 0)
    parts += of_group
  items = division.items_of(parts, item_bytes)
  return Plan('flan', {}, items, made, {}, KNOWN)


@settings(max_examples=20)
@given(
  sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
  item_bytes=st.integers(1, 6),
)
def test_every_group_is_closed_once_with_all_of_its_shards(
  tmp_path_factory, sizes, item_bytes: int
):
  plan = plan_of_groups(sizes, item_bytes)
  output = str(tmp_path_factory.mktemp('groups'))
  for item in plan.items:
    report = report_of(plan, item.index)
    report.counts.add('tokens/read', 5)
    reports.write(report, output)
  *closed, rest = groups.closed(output, plan)
  assert [group.name for group in closed] == list(plan.groups)
  assert (rest.name, rest.shards) == ('', [])
  assert rest.counts.sums == {'tokens': {'read': 5 * len(plan.items)}}
  for group, size in zip(closed, sizes, strict=True):
    assert [shard.index for shard in group.shards] == list(range(size))
    (data_set,) = plan.groups[group.name].data_sets
    assert group.counts.sums.keys() == {data_set}
    made = groups.data_sets(output, plan, group)
    assert made[data_set]['train'].examples == size


def test_a_file_is_damaged_where_its_first_piece_says(tmp_path: Path):
  plan = plan_of_sizes([1, 1])
  damaged = [{'a': 'at 3', 'b': 'at 1'}, {'a': 'at 9', 'c': 'at 2'}]
  for number, of_item in enumerate(damaged):
    report = dataclasses.replace(report_of(plan, number), damaged_files=of_item)
    reports.write(report, str(tmp_path))
  *_, last = groups.closed(str(tmp_path), plan)
  assert last.damaged == {'a': 'at 3', 'b': 'at 1', 'c': 'at 2'}


def test_a_run_that_is_not_done_is_not_closed(tmp_path: Path):
  plan = plan_of_sizes([1, 1, 1])
  reports.write(report_of(plan, 0), str(tmp_path))
  # An item that another plan has done counts as little as none.
  other = Report(1, 'f' * 16, (), Counts())
  reports.write(other, str(tmp_path))
  with pytest.raises(RuntimeError, match='2 work items have no report'):
    list(groups.closed(str(tmp_path), plan))


def test_shards_that_hold_more_than_was_counted_are_refused(tmp_path: Path):
  plan = plan_of_sizes([1], groups={'g': Group(('g:a', 'g:b'), 1, 1, 0)})
  report = report_of(plan, 0)
  report.counts.add('g:a/data/train/all/examples')
  group = ClosedGroup('g', list(report.shards), report.counts)
  with pytest.raises(AssertionError, match='g:a train: records and counts'):
    groups.data_sets(str(tmp_path), plan, group)


def validation(plan: Plan, folder: Path, sizes: list[int]) -> ClosedGroup:
  """A group whose parts left files of so many bytes, one example each."""
  shards, counts = [], Counts()
  for data_set in plan.groups['g'].data_sets:
    counts.add(f'{data_set}/data/train/all/examples', len(sizes))
    counts.add(f'{data_set}/data/validation/all/examples', len(sizes))
    for i, size in enumerate(sizes):
      path = f'{data_set.replace(":", "-")}-{i}'
      (folder / path).write_bytes(bytes([i]) * size)
      for split in ('train', 'validation'):
        shards.append(ItemShard(data_set, split, i, path, 1, size, '0badcafe'))
  return ClosedGroup('g', shards[::-1], counts)


@pytest.mark.parametrize('wanted', [1, 2, 3])
def test_files_of_validation_examples_are_joined_in_order(
  tmp_path: Path, wanted: int
):
  sizes = [3, 1, 4]
  group = Group(('g:a', 'g:b'), 3, 3, wanted)
  plan = plan_of_sizes([1, 1, 1], groups={'g': group})
  closed = validation(plan, tmp_path, sizes)
  made = groups.data_sets(str(tmp_path), plan, closed)
  for splits in made.values():
    split = splits['validation']
    assert len(split.shards) == wanted
    data = [(tmp_path / shard.path).read_bytes() for shard in split.shards]
    assert b''.join(data) == b'\0\0\0\1\2\2\2\2'
    assert [shard.bytes for shard in split.shards] == list(map(len, data))
    assert sum(shard.records for shard in split.shards) == 3
    if wanted < 3:  # else they are shards already
      for shard, of_shard in zip(split.shards, data, strict=True):
        assert shard.crc32c == f'{google_crc32c.value(of_shard):08x}'


@settings(max_examples=30)
@given(
  sizes=st.lists(st.integers(0, 3), min_size=1, max_size=6),
  wanted=st.integers(1, 6),
)
def test_parts_that_hold_nothing_out_leave_no_split_or_empty_shards(
  tmp_path_factory, sizes: list[int], wanted: int
):
  folder = tmp_path_factory.mktemp('groups')
  count = len(sizes)
  group = Group(('g:a',), count, count, min(wanted, count))
  plan = plan_of_sizes([1] * count, groups={'g': group})
  closed = validation(plan, folder, sizes)
  held_out = sum(size > 0 for size in sizes)
  closed.counts.add('g:a/data/validation/all/examples', held_out - count)
  closed.shards[:] = [s for s in closed.shards if s.bytes or s.split == 'train']
  splits = groups.data_sets(str(folder), plan, closed)['g:a']
  assert list(splits) == ['train', 'validation'][: 1 + (held_out > 0)]
  if held_out:
    shards = splits['validation'].shards
    assert len(shards) == group.validation_shards
    data = [(folder / shard.path).read_bytes() for shard in shards]
    assert [shard.bytes for shard in shards] == list(map(len, data))
    assert b''.join(data) == b''.join(
      bytes([i]) * size for i, size in enumerate(sizes)
    )


def test_files_of_a_denoiser_are_joined_by_themselves(tmp_path: Path):
  group = Group(('g:a', 'g:b'), 3, 3, 2, denoisers=2)
  plan = plan_of_sizes([1, 1, 1], groups={'g': group})
  closed = validation(plan, tmp_path, [1, 1, 1, 2, 2, 2])
  made = groups.data_sets(str(tmp_path), plan, closed)
  for splits in made.values():
    data = [
      (tmp_path / shard.path).read_bytes()
      for shard in splits['validation'].shards
    ]
    assert data == [b'\0\1\2', b'\3\3\4\4\5\5']


def test_a_file_that_has_changed_is_not_joined(tmp_path: Path):
  group = Group(('g:a', 'g:b'), 2, 2, 1)
  plan = plan_of_sizes([1, 1], groups={'g': group})
  closed = validation(plan, tmp_path, [3, 1])
  (tmp_path / 'g-b-1').write_bytes(b'longer')
  with pytest.raises(OSError, match='g-b-1: 6 bytes, not 1'):
    groups.data_sets(str(tmp_path), plan, closed)


def test_statistics_of_denoisers_add_up():
  counts = Counts()
  for name, n in (('r', 3), ('s', 4)):
    counts.add(f'g:a/data/train/{name}/examples', n)
    counts.see(f'g:a/data/train/{name}/inputs_max_tokens', 10 * n)
  counts.add('g:a/rows', 9)
  plan = plan_of_sizes([1], groups={'g': Group(('g:a',), 1, 1, 0)})
  shard = ItemShard('g:a', 'train', 0, 'a', 7, 9, '0badcafe')
  made = groups.data_sets('out', plan, ClosedGroup('g', [shard], counts))
  expected = {'examples': 7, 'inputs_max_tokens': 40}
  assert made['g:a']['train'].stats == expected
