"""A store knows each unit's pieces, and where rounding may change them."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache import store as lib
from ul2_flan.tasks.vocabulary.word_cache import units as units_lib
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.replay import replay
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

# 'ab' loses to 'a', 'b' by a thousandth, and 'cc' ties with 'c', 'c'.
PIECES = {'a': -2.0, 'b': -2.0, 'ab': -4.001, 'c': -3.0, 'cc': -6.0}

units = st.text('abcd', min_size=1, max_size=6).map(str.encode)


def store_of(capacity: int = 100) -> lib.Store:
  scores = np.array([0, 0, -20, *PIECES.values()], np.float32)
  trie = Trie([p.encode() for p in PIECES], np.arange(3, len(scores)))
  return lib.Store(Lattice(trie, scores, 2), capacity)


def pieces_of(store: lib.Store, number: int) -> list[int]:
  pieces, *_ = store.pieces(np.array([number]))
  return pieces.values.tolist()


def fall_of(store: lib.Store, number: int) -> float:
  _, falls, _ = store.pieces(np.array([number]))
  return falls[0] / lib.FALL_PARTS


@given(strings=st.lists(units, max_size=9), split=st.integers(0, 9))
def test_units_have_the_pieces_of_the_lattice(strings: list[bytes], split: int):
  store = store_of()
  numbers = [
    number
    for part in (strings[:split], strings[split:])
    for number in store.add(Joined.of(part))
  ]
  assert numbers == list(range(1, 1 + len(strings)))
  assert len(store) == 1 + len(strings)
  for number, string in zip(numbers, strings, strict=True):
    made = store._lattice.segment(Joined.of([string]))
    assert pieces_of(store, number) == made.ids[0].tolist()
    assert 0 <= fall_of(store, number) + made.score[0] < 1 / lib.FALL_PARTS
    assert store.deepest <= store.dips[number] <= 0


@given(string=units, power=st.integers(0, 17), part=st.floats(1, 1.99))
def test_a_safe_unit_has_its_pieces_wherever_it_is(
  string: bytes, power: int, part: float
):
  store = store_of()
  (number,) = store.add(Joined.of([string])).tolist()
  before = np.float32(-(2**power) * part)
  edges, size = store.edges(number)
  # The spacing at the lowest sum that any way through the unit may have.
  spacing = np.spacing(-before + np.float32(20 * size))
  if before > -90_000 and spacing < store.safe[number]:
    assert replay(edges, size, before)[0] == pieces_of(store, number)


def test_a_tie_is_never_safe_and_a_single_way_always_is():
  store = store_of()
  ab, cc, a = store.add(Joined.of([b'ab', b'cc', b'a'])).tolist()
  assert store.safe[cc] == 0
  assert store.safe[a] == np.inf
  # A margin of 0.001, two pieces on the best way, and two bytes.
  assert store.safe[ab] == pytest.approx(0.99 * 2 * 0.001 / 4, rel=1e-3)
  edges, size = store.edges(ab)
  assert replay(edges, size, np.float32(-(2.0**16)))[0] != pieces_of(store, ab)


def test_a_fall_has_a_bound_beyond_where_sums_are_begun_anew():
  trie = Trie([b'a', b'b'], np.array([3, 4]))
  scores = np.array([0, 0, -20, -99_000, -140_000], np.float32)
  store = lib.Store(Lattice(trie, scores, 2), 9)
  a, b = store.add(Joined.of([b'a', b'b'])).tolist()
  assert fall_of(store, a) == 99_000
  assert fall_of(store, b) == lib.MAX_FALL / lib.FALL_PARTS > 100_000
  assert pieces_of(store, b) == [4]


def test_the_array_of_ids_grows():
  store = store_of(capacity=3000)
  strings = [b'ab' * 20] * 2000
  numbers = store.add(Joined.of(strings))
  assert len(store._ids) >= 2000 * 40 > 1 << 16
  assert pieces_of(store, int(numbers[-1])) == [3, 4] * 20


def test_room_grows_with_the_units(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(units_lib, '_FIRST_ROOM', 2)
  grown, roomy = store_of(), store_of()
  strings = [b'a' * size for size in range(1, 40)]
  for string in strings:
    grown.add(Joined.of([string]))
  monkeypatch.setattr(units_lib, '_FIRST_ROOM', 100)
  roomy.add(Joined.of(strings))
  for number in range(1, 40):
    assert pieces_of(grown, number) == pieces_of(roomy, number)
    assert fall_of(grown, number) == fall_of(roomy, number)
    for name in ('safe', 'dips'):
      assert getattr(grown, name)[number] == getattr(roomy, name)[number]


def test_so_many_edges_are_kept(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(lib, '_MAX_EDGES', 3)
  store = store_of()
  numbers = store.add(Joined.of([b'a', b'b', b'ab', b'ba'])).tolist()
  for number in [*numbers, *numbers]:
    edges, size = store.edges(number)
    (expected,) = store._lattice.edges(Joined.of([store.string(number)]))
    assert edges == expected.tolist()
    assert size == len(store.string(number))
    # What is new is added to at most so many: 3 for two letters.
    assert sum(map(len, store._edges.values())) <= 3 + 3
  assert len(store._edges) < len(numbers)


def test_edges_that_are_kept_are_not_listed_again(
  monkeypatch: pytest.MonkeyPatch,
):
  store = store_of()
  number = int(store.add(Joined.of([b'ab']))[0])
  kept = store.edges(number)
  monkeypatch.setattr(store._lattice, 'edges', None)
  assert store.edges(number) == kept


def test_edges_of_new_doubtful_units_are_listed_with_others():
  store = store_of()
  a, ab, cc = store.add(Joined.of([b'a', b'ab', b'cc'])).tolist()
  store.list_edges([])
  assert not store._edges
  store.list_edges([a])
  assert {ab, cc} - {*store._edges} == {
    n for n in (ab, cc) if store.safe[n] > lib.MAX_SPACING
  }
  assert cc in store._edges  # a tie
