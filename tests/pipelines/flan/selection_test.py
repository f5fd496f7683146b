"""Which rows of a task are used does not depend on their order."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.flan import selection as selection_lib
from ul2_flan.pipelines.flan.selection import Lowest, Selection, Selector
from ul2_flan.pipelines.task_sources import RowBlock

KEYS = st.lists(st.integers(0, 2**64 - 1), max_size=80)


def selector_of(**changes: object) -> Selector:
  rules = {'cap': 10, 'validation_cap': 4, 'held_out': 0.0, **changes}
  return Selector('niv2:task', 0, **rules)


def blocks_of(keys: list[int], size: int) -> list[tuple[str, RowBlock]]:
  blocks = []
  for start in range(0, len(keys), size):
    some = keys[start : start + size]
    rows = [{'key': key} for key in some]
    places = list(range(start, start + len(some)))
    array = np.array(some, np.uint64)
    blocks.append(('train', RowBlock('f', rows, array, places)))
  return blocks


def used(selection: Selection, keys: list[int]) -> set[int]:
  array = np.array(keys, np.uint64)
  held_out = selection.selector.is_validation('train', array)
  return set(array[selection.used(array, held_out)].tolist())


@given(
  keys=KEYS, seed=st.randoms(use_true_random=False), size=st.integers(1, 30)
)
def test_neither_order_nor_blocks_matter(keys, seed, size):
  shuffled = list(keys)
  seed.shuffle(shuffled)
  for rules in ({}, {'held_out': 0.3}, {'cap': 0}):
    selector = selector_of(**rules)
    a = selector.select(blocks_of(keys, 7), exemplars=True)
    b = selector.select(blocks_of(shuffled, size), exemplars=True)
    assert a.bounds == b.bounds
    assert a.candidate_keys.tolist() == b.candidate_keys.tolist()
    assert used(a, keys) == used(b, shuffled)


@given(
  keys=KEYS, size=st.integers(1, 90), cap=st.integers(0, 30), most=st.just(20)
)
def test_a_block_with_all_of_a_task_has_its_candidates(keys, size, cap, most):
  selector = selector_of(held_out=0.3, cap=cap)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(selection_lib, 'POOL_SIZE', most)
    blocks = blocks_of(keys, size)
    selection = selector.select(blocks, exemplars=True)
    if whole := selector.all_of([block for _, block in blocks]):
      assert whole.bounds == selection.bounds
      array = np.array(keys, np.uint64)
      train = array[~selector.is_validation('train', array)]
      assert sorted(train.tolist()) == sorted(selection.candidate_keys.tolist())
    else:
      assert len(blocks) != 1 or len(keys) > min(most, cap or most, 4)


@given(keys=st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=80))
def test_caps_are_exact_for_rows_that_differ(keys):
  selector = selector_of(held_out=0.3)
  array = np.array(keys, np.uint64)
  held_out = selector.is_validation('train', array)
  selection = selector.select(blocks_of(keys, 9), exemplars=False)
  is_used = selection.used(array, held_out)
  assert is_used[~held_out].sum() == min(10, (~held_out).sum())
  assert is_used[held_out].sum() == min(4, held_out.sum())
  assert selection.candidates == []


@given(keys=KEYS)
def test_candidates_for_exemplars_are_of_the_training_split(keys):
  selector = selector_of(held_out=0.5)
  selection = selector.select(blocks_of(keys, 9), exemplars=True)
  array = np.array(keys, np.uint64)
  held_out = selector.is_validation('train', array)
  assert sorted(selection.candidate_keys.tolist()) == sorted(
    array[~held_out].tolist()
  )
  assert [r['key'] for r in selection.candidates] == (
    selection.candidate_keys.tolist()
  )


def test_the_held_out_share_is_as_asked_for():
  keys = np.random.default_rng(0).integers(0, 2**63, 20_000, np.uint64)
  held_out = selector_of(held_out=0.05).is_validation('train', keys)
  # Four standard deviations.
  assert abs(held_out.sum() - 1000) < 4 * np.sqrt(1000)
  assert selector_of().is_validation('validation', keys).all()
  assert not selector_of().is_validation('train', keys).any()


@given(
  numbers=st.lists(st.integers(0, 50), max_size=3000),
  limit=st.integers(0, 30),
  size=st.integers(1, 500),
)
def test_a_bound_leaves_no_more_than_the_limit_below(numbers, limit, size):
  lowest = Lowest(limit)
  array = np.array(numbers, np.uint64)
  for start in range(0, len(array), size):
    lowest.add(array[start : start + size])
  bound = lowest.bound()
  if not limit or len(array) <= limit:
    assert bound is None
    return
  assert (array < bound).sum() <= limit
  # Nothing larger would do.
  assert (array <= bound).sum() > limit
