"""A search from its slot on finds every key."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.vocabulary.word_cache import hashing

keys = st.lists(
  st.integers(0, 2**64 - 2) | st.integers(0, 40), unique=True, max_size=60
)


@given(keys=keys)
def test_keys_have_their_values(keys: list[int]):
  values = np.arange(100, 100 + len(keys), dtype=np.int32)
  table, held = hashing.place(np.array(keys, np.uint64), values)
  size = len(table)
  assert size >= 2 * len(keys)
  assert (table != hashing.EMPTY).sum() == len(keys)
  for key, value in zip(keys, values, strict=True):
    slot = int(hashing.slots(np.array([key], np.uint64), size)[0])
    while table[slot] != key:
      assert table[slot] != hashing.EMPTY
      slot = (slot + 1) % size
    assert held[slot] == value
