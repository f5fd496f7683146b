"""Sequences are never too full, and as full as a slow search makes them."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.mix.packing.best_fit import assign

CAPACITY = (20, 8)

one_side = st.lists(st.tuples(st.integers(0, 12)), max_size=60)
two_sides = st.lists(
  st.tuples(st.integers(0, 22), st.integers(0, 9)), max_size=60
)


def array(lengths: list[tuple[int, ...]], sides: int) -> np.ndarray:
  return np.array(lengths, np.int64).reshape(-1, sides)


def slow(lengths: np.ndarray, capacity: tuple[int, ...]) -> list[list[int]]:
  """Best fit, largest first, by trying each sequence for each example."""
  size = (lengths / np.array(capacity)).sum(axis=1)
  members: list[list[int]] = []
  rooms: list[np.ndarray] = []
  for i in np.argsort(-size, kind='stable').tolist():
    if (lengths[i] > capacity).any():
      continue
    open_ = [k for k, room in enumerate(rooms) if (room >= lengths[i]).all()]
    if not open_:
      members.append([])
      rooms.append(np.array(capacity))
      open_ = [len(rooms) - 1]
    # Of equals the one that was touched last: any of them would do.
    best = min(open_, key=lambda k: tuple(rooms[k]))
    rooms[best] = rooms[best] - lengths[i]
    members[best].append(i)
  return members


@given(two_sides)
def test_no_sequence_is_too_full_and_none_is_empty(lengths):
  sizes = array(lengths, 2)
  sequence = assign(sizes, CAPACITY)
  fits = (sizes <= CAPACITY).all(axis=1)
  assert np.array_equal(sequence >= 0, fits)
  used = sequence[fits]
  assert set(used.tolist()) == set(range(len(set(used.tolist()))))
  for side, capacity in enumerate(CAPACITY):
    filled = np.bincount(used, sizes[fits][:, side])
    assert (filled <= capacity).all()


@given(two_sides, st.sampled_from([1, 2, 5, 32]))
def test_is_the_best_fit_on_both_sides(lengths, block: int):
  sizes = array(lengths, 2)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr('ul2_flan.pipelines.mix.packing.best_fit._BLOCK', block)
    sequence = assign(sizes, CAPACITY)
  expected = slow(sizes, CAPACITY)
  # Which of several equally full sequences was taken may differ.
  filled = [
    sorted(
      tuple(sizes[group].sum(axis=0).tolist())
      for group in (
        np.flatnonzero(sequence == k) for k in range(sequence.max() + 1)
      )
    )
    if len(sequence)
    else [],
    sorted(tuple(sizes[group].sum(axis=0).tolist()) for group in expected),
  ]
  assert filled[0] == filled[1]


@given(one_side)
def test_one_side_is_two_of_which_one_is_always_free(lengths):
  sizes = array(lengths, 1)
  second = np.zeros_like(sizes)
  sequence = assign(sizes, [20])
  assert np.array_equal(sequence, assign(np.hstack([sizes, second]), [20, 0]))


@given(two_sides)
def test_sequences_are_in_the_order_of_their_largest_examples(lengths):
  sizes = array(lengths, 2)
  sequence = assign(sizes, CAPACITY)
  size = (sizes / CAPACITY).sum(axis=1)
  largest = [
    max(np.flatnonzero(sequence == k).tolist(), key=lambda i: (size[i], -i))
    for k in range(max(sequence, default=-1) + 1)
  ]
  assert largest == sorted(largest)


def test_lengths_like_those_of_flan_leave_almost_no_padding():
  rng = np.random.default_rng(0)
  inputs = np.clip(rng.lognormal(5.3, 1, 4000), 5, 2048).astype(int)
  targets = np.clip(rng.lognormal(2.3, 1.2, 4000), 2, 512).astype(int)
  sequence = assign(np.stack([inputs, targets], axis=1), [2048, 512])
  assert inputs.sum() / (2048 * (sequence.max() + 1)) > 0.99
