"""A search from its slot on finds every key."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache import hashing


@pytest.mark.parametrize('kind', [np.uint32, np.uint64])
@given(data=st.data())
def test_keys_are_where_they_are_looked_for(kind: type, data: st.DataObject):
  most = int(np.iinfo(kind).max)
  key = st.integers(0, most - 1) | st.integers(0, 40)
  keys = np.array(data.draw(st.lists(key, unique=True, max_size=60)), kind)
  size = hashing.size_for(len(keys))
  assert size >= 2 * len(keys)
  slots = hashing.slots(keys, size)
  assert ((slots >= 0) & (slots < size)).all()
  empty = np.full(size, most, kind)
  assert [hashing.slot_of(key, empty) for key in keys.tolist()] == list(slots)

  # In two parts, as tables that grow are filled.
  table, places = np.full(size, most, kind), slots.copy()
  for part in (slice(0, 20), slice(20, None)):
    hashing.claim(table, places[part], keys[part], free=most)
  assert (table != most).sum() == len(keys)
  assert (table[places] == keys).all()
  for slot, key, place in zip(slots.tolist(), keys, places, strict=True):
    while table[slot] != key:
      assert table[slot] != most
      slot = (slot + 1) % size
    assert slot == place


@given(slots=st.lists(st.integers(0, 15), max_size=8))
def test_those_that_come_first_have_their_own_slots(slots: list[int]):
  table, places = np.full(16, -1), np.array(slots, np.int64)
  hashing.claim(table, places, np.arange(len(slots)), free=-1)
  for slot in set(slots):
    first = slots.index(slot)
    assert table[slot] == first
    assert places[first] == slot
