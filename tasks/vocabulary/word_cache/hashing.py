"""Open addressing in NumPy: hash tables that answer for many keys at once.

A key lies at its slot or, if that was taken, in the next free one. Tables are
at most half full, so it takes 1.5 steps on average to find a key (Knuth, The
Art of Computer Programming, volume 3, section 6.4).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int64s

# Of 32 or of 64 bits. Half as many are faster to compute with, and to look up.
Keys = npt.NDArray[np.unsignedinteger[Any]]

# Fibonacci hashing (Knuth, same section): a slot is the high bits of the key
# times 2 to the number of its bits, divided by the golden ratio.
_FACTORS: dict[int, Any] = {
  4: np.uint32(0x9E3779B1),
  8: np.uint64(0x9E3779B97F4A7C15),
}


def size_for(count: int) -> int:
  """Returns the size of a table of so many keys: a power of two."""
  return 2 << max(count - 1, 1).bit_length()


def slots(keys: Keys, size: int) -> Int64s:
  """Returns the slot of each key in a table of `size`, a power of two.

  >>> slots(np.array([7, 9], np.uint32), 8).tolist()
  [2, 4]
  """
  bits = keys.itemsize * 8
  hashed: Any = keys * _FACTORS[keys.itemsize]
  hashed >>= keys.dtype.type(bits + 1 - size.bit_length())
  return hashed.view(np.int64) if bits == 64 else hashed.astype(np.int64)


def slot_of(key: int, table: Keys) -> int:
  """Returns the slot of one key in a table of keys, as `slots` does."""
  bits = table.itemsize * 8
  hashed = key * int(_FACTORS[table.itemsize]) % (1 << bits)
  return hashed >> (bits + 1 - len(table).bit_length())


def claim(
  table: npt.NDArray[Any], slot: Int64s, values: npt.NDArray[Any], free: int
) -> None:
  """Puts each value into the first free slot from its own on.

  Args:
    table: its size is a power of two; changed in place.
    slot: int64 [n], the slot of each value's key; changed in place, to where
      the value is.
    values: [n], all different and not in the table yet. Those that come first
      go first.
    free: what a free slot has.

  >>> table = np.full(4, -1)
  >>> claim(table, slot := np.array([3, 3]), np.array([7, 9]), free=-1)
  >>> table.tolist(), slot.tolist()
  ([9, -1, -1, 7], [3, 0])
  """
  todo: Int64s = np.arange(len(values))
  while len(todo):
    at = slot[todo]
    (which,) = (table[at] == free).nonzero()
    # If several values want the same slot, NumPy stores the last: the first, if
    # they come backwards. Of words, the first are the most frequent.
    which = which[::-1]
    table[at[which]] = values[todo[which]]
    todo = todo[table[at] != values[todo]]
    slot[todo] = slot[todo] + 1 & len(table) - 1
