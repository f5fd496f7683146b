"""Plans divide the sources without gaps, and say what of them has changed."""

import dataclasses
import itertools
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import checks, division, paths
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.plan import Group, Part, Plan
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

JSON = st.recursive(
  st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
  lambda inner: (
    st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.lists(inner, max_size=3)
  ),
  max_leaves=8,
)


def pieces_of(sizes: list[int]) -> list[Piece]:
  return [Piece(f'f{i}', 'jsonl', 0, n, n) for i, n in enumerate(sizes)]


def group_of(parts: list[Part], validation_shards: int = 2) -> Group:
  shards = sum(part.num_shards for part in parts)
  return Group(('a', 'b'), len(parts), shards, validation_shards)


def plan_of(parts: list[Part], **changes: object) -> Plan:
  items = division.items_of(parts, 0)
  groups = {'g': group_of(parts)}
  made = Plan('ul2', {'seed': 0}, items, groups, {'tokens': 5}, {})
  return dataclasses.replace(made, **changes)


@given(
  sizes=st.lists(st.integers(1, 100), min_size=1, max_size=40),
  part_bytes=st.integers(1, 300),
  shards_per_byte=st.floats(0, 1),
)
def test_parts_have_all_pieces_in_order_and_bounded(
  sizes: list[int], part_bytes: int, shards_per_byte: float
):
  pieces = pieces_of(sizes)
  parts = division.divide('g', pieces, part_bytes, shards_per_byte)
  assert [p for part in parts for p in part.pieces] == pieces
  assert [part.index for part in parts] == list(range(len(parts)))
  for part in parts:
    assert part.size <= part_bytes or len(part.pieces) == 1
  # Two neighbours never fit into one.
  for one, two in itertools.pairwise(parts):
    assert one.size + two.pieces[0].size > part_bytes


@given(
  sizes=st.lists(st.integers(1, 100), min_size=1, max_size=40),
  shards_per_byte=st.floats(0, 1),
)
def test_every_shard_belongs_to_one_part(sizes, shards_per_byte):
  parts = division.divide('g', pieces_of(sizes), 150, shards_per_byte)
  owned = [
    part.first_shard + i for part in parts for i in range(part.num_shards)
  ]
  assert owned == list(range(group_of(parts).shards))
  assert all(part.num_shards for part in parts)
  # Two data sets, each with its validation split.
  assert plan_of(parts).num_shards == 2 * (len(owned) + 2)


@given(
  sizes=st.lists(st.integers(1, 100), min_size=1, max_size=40),
  item_bytes=st.integers(0, 300),
  part_bytes=st.integers(0, 50),
)
def test_items_have_all_parts_in_order_and_bounded(
  sizes, item_bytes, part_bytes
):
  parts = division.divide('g', pieces_of(sizes), 40, 0)
  items = division.items_of(parts, item_bytes, part_bytes)
  assert [part for item in items for part in item.parts] == parts
  assert [item.index for item in items] == list(range(len(items)))
  for item in items:
    cost = item.size + part_bytes * len(item.parts)
    assert cost <= item_bytes or len(item.parts) == 1
  plan = plan_of(parts, items=items)
  assert plan.parts('g') == parts


@given(count=st.integers(1, 60), shards=st.integers(1, 60))
def test_parts_of_the_validation_split_go_to_shards_in_order(count, shards):
  shards = min(count, shards)
  parts = division.divide('g', pieces_of([1] * count), 1, 0)
  group = group_of(parts, shards)
  found = [group.validation_shard(part) for part in parts]
  assert found == sorted(found)
  assert set(found) == set(range(shards))
  assert group.joins == (shards < count)


@given(config=st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_a_plan_comes_back_from_its_file(config):
  plan = plan_of(division.divide('g', pieces_of([3, 4]), 5, 1), config=config)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(files, 'read_bytes', lambda _: plan.to_json())
    loaded = plan_lib.load('plan.json', plan.fingerprint)
  assert loaded == plan
  assert loaded.fingerprint == plan.fingerprint


@pytest.mark.parametrize(
  'change',
  [
    {'config': {'seed': 1}},
    {'groups': {'g': Group(('a', 'b'), 2, 2, 1)}},
    {'groups': {'g': Group(('a', 'c'), 2, 2, 2)}},
    {'items': ()},
  ],
)
def test_the_fingerprint_changes_with_the_plan(change):
  plan = plan_of(division.divide('g', pieces_of([3, 4]), 5, 1))
  assert plan_of(plan.parts('g')).fingerprint == plan.fingerprint
  assert dataclasses.replace(plan, **change).fingerprint != plan.fingerprint


def test_a_fingerprint_is_worked_out_once():
  # Each of ten thousand reports is compared with it.
  plan = plan_of(division.divide('g', pieces_of([1, 2]), 1, 0.0))
  assert plan.fingerprint is plan.fingerprint


def test_sources_are_whole_files(tmp_path: Path):
  pieces = [Piece('a', 'jsonl', 0, 5, 5), Piece('a', 'jsonl', 5, 9, 4)]
  plan = plan_of(division.divide('g', [*pieces, *pieces_of([3])], 4, 1))
  assert plan.sources() == {'a': 9, 'f0': 3}
  assert paths.plan_path(str(tmp_path)) == str(tmp_path / '_progress/plan.json')


@given(seed=st.integers())
def test_a_seed_is_one_that_json_keeps(seed: int):
  if -(2**63) <= seed < 2**63:
    checks.check_seed(seed)
    assert json.loads(files.to_json({'seed': seed}))['seed'] == seed
  else:
    with pytest.raises(UserError, match='must fit in 64 bits'):
      checks.check_seed(seed)
