"""Parts and work items have all of the sources, in order and without gaps."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from support.tiny_plans import group_of, pieces_of, plan_of

from ul2_flan.pipelines.run import division


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
