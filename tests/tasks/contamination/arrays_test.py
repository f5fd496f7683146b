"""Arrays that grow and are sorted in place have what others have."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.contamination.arrays import Growing, sorted_by

NUMBERS = st.integers(0, 2**31 - 1)


@given(st.lists(st.lists(NUMBERS, max_size=9), max_size=9))
def test_what_is_added_stands_in_a_row(parts):
  made = Growing(np.int64)
  for part in parts:
    made.add(np.array(part, np.int64))
  whole = [number for part in parts for number in part]
  assert len(made) == len(whole)
  assert made.taken().tolist() == whole
  assert made.taken().tolist() == []


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 3) | NUMBERS)))
def test_values_are_sorted_by_keys_and_then_by_themselves(pairs):
  values, keys = np.array(pairs, np.int32).reshape(-1, 2).T
  made = sorted_by(values, keys)
  assert made.dtype == np.int32
  assert made.tolist() == values[np.lexsort((values, keys))].tolist()
