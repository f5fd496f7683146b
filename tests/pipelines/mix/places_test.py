"""Every place of a mixture is filled once, and by whom it should be."""

import collections
import itertools

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.pipelines.mix.places import Placement, shard_starts

MEMBERS = st.lists(
  st.tuples(st.integers(1, 30), st.integers(0, 70)), min_size=1, max_size=5
)


def placements(members, epochs: int, seed: int = 0) -> list[Placement]:
  counts = [count for _, count in members]
  firsts = [0, *itertools.accumulate(counts)]
  return [
    Placement(f'm{i}', n, c, firsts[i], sum(counts), epochs, seed, 'train')
    for i, (n, c) in enumerate(members)
  ]


def filled(placement: Placement, step: int) -> list[tuple[int, int]]:
  """(place, example) of a member, read some examples at a time."""
  uses = []
  for start in range(0, placement.examples, step):
    stop = min(start + step, placement.examples)
    index, places = placement.places(start, stop)
    uses += zip(places.tolist(), (index + start).tolist(), strict=True)
  return uses


@given(members=MEMBERS, epochs=st.integers(1, 4), step=st.integers(1, 30))
def test_counts_are_exact_and_repeats_come_last(members, epochs, step):
  places = []
  per_epoch = sum(count for _, count in members)
  for placement in placements(members, epochs):
    uses = filled(placement, step)
    places += [place for place, _ in uses]
    for number in range(epochs):
      stop = (number + 1) * per_epoch
      so_far = [example for place, example in uses if place < stop]
      assert len(so_far) == (number + 1) * placement.count
      seen = collections.Counter(so_far)
      times = [seen[i] for i in range(placement.examples)]
      assert max(times) - min(times) <= 1
  assert sorted(places) == list(range(epochs * per_epoch))


@given(members=MEMBERS, epochs=st.integers(1, 3))
def test_how_a_member_is_read_does_not_matter(members, epochs):
  for placement in placements(members, epochs):
    assert sorted(filled(placement, 3)) == sorted(filled(placement, 100))


def test_places_are_shuffled():
  (placement,) = placements([(10_000, 10_000)], 1)
  index, places = placement.places(0, 10_000)
  assert abs(np.corrcoef(index, places)[0, 1]) < 0.03
  (other,) = placements([(10_000, 10_000)], 1, seed=1)
  assert (other.places(0, 10_000)[1] != places).mean() > 0.99


def test_what_is_chosen_of_a_member_is_uniform():
  chosen = collections.Counter()
  for seed in range(1000):
    (placement,) = placements([(5, 2)], 1, seed)
    chosen.update(placement.places(0, 5)[0].tolist())
  # 400 each are expected; the 0.999 quantile for 4 degrees of freedom.
  assert sum((n - 400) ** 2 / 400 for n in chosen.values()) < 18.5


@given(places=st.integers(0, 1000), shards=st.integers(1, 40))
def test_shards_have_all_places_evenly(places, shards):
  sizes = np.diff(shard_starts(places, shards))
  assert sizes.sum() == places
  assert sizes.max() - sizes.min() <= 1
