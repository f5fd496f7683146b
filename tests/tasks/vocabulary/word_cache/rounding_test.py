"""Units are settled as if SentencePiece had gone through the document."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache import rounding as lib
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.replay import replay
from ul2_flan.tasks.vocabulary.word_cache.store import MAX_SPACING, Store
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

# Ways that differ by less and less, and one that ties.
PIECES = {
  'a': -2.3, 'b': -2.7, 'ab': -5.001, 'ba': -5.0001, 'aa': -4.6, 'z': -50.7
}  # fmt: skip
UNITS = [b'a', b'ab', b'ba', b'aab', b'aa', b'z', b'zz', b'q']

documents = st.lists(st.sampled_from(range(1, 1 + len(UNITS))), max_size=60)


def store_of() -> Store:
  scores = np.array([0, 0, -60, *PIECES.values()], np.float32)
  trie = Trie([p.encode() for p in PIECES], np.arange(3, len(scores)))
  store = Store(Lattice(trie, scores, 2), 100)
  store.add(Joined.of(UNITS))
  return store


def settled(store: Store, numbers: list[int]) -> list[int]:
  """The ids of a document: the store's, but for the units that `settle` has."""
  units = np.array(numbers, np.int64)
  pieces, _, marked = store.pieces(units)
  assert (marked == np.flatnonzero(store.safe[units] <= MAX_SPACING)).all()
  kept = list(pieces)
  changes = lib.settle(store, units, pieces.values, pieces.offsets, marked)
  for unit, pieces in changes:
    assert pieces != kept[unit].tolist()
    kept[unit] = np.array(pieces, np.int32)
  return [i for ids in kept for i in ids.tolist()]


def replayed(store: Store, numbers: list[int]) -> list[int]:
  """The ids of a document, each unit segmented where it stands."""
  sums = np.float32(0)
  ids: list[int] = []
  for number in numbers:
    pieces, sums = replay(*store.edges(number), sums)
    ids += pieces
  return ids


@given(
  numbers=documents, repeats=st.sampled_from([1, 30]), window=st.integers(1, 99)
)
def test_documents_have_the_ids_of_a_replay(
  numbers: list[int], repeats: int, window: int
):
  store = store_of()
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(lib, '_WINDOW', window)
    found = settled(store, numbers * repeats)
  assert found == replayed(store, numbers * repeats)


def test_sums_that_are_begun_anew():
  # Some 70 for each unit: they pass -100,000 every 1,400 units, mostly inside
  # one that is safe.
  store = store_of()
  draw = np.random.default_rng(0)
  safe = draw.choice([6, 7, 8], 9000)
  near = draw.integers(1, 1 + len(UNITS), 9000)
  numbers = np.where(draw.random(9000) < 0.05, near, safe).tolist()
  assert settled(store, numbers) == replayed(store, numbers)


def test_far_into_a_text_rounding_decides():
  store = store_of()
  far = [6] * 1500  # sums of some -76,000, spaced 1 / 128
  first = settled(store, [2])
  assert settled(store, [*far, 2])[-len(first) :] != first
