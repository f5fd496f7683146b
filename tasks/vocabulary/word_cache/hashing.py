"""Open addressing in NumPy: hash tables that answer for many keys at once.

A key lies at its slot or, if that was taken, in the next free one. Tables are
at most half full, so it takes 1.5 steps on average to find a key (Knuth, The
Art of Computer Programming, volume 3, section 6.4).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, UInt64s

EMPTY = 2**64 - 1  # no key has this value

# Fibonacci hashing (Knuth, same section): a slot is the high bits of the key
# times 2**64 divided by the golden ratio.
_FACTOR = 0x9E3779B97F4A7C15


def slots(keys: UInt64s, size: int) -> Int64s:
  """Returns the slot of each key in a table of `size`, a power of two."""
  return (keys * np.uint64(_FACTOR) >> np.uint64(65 - size.bit_length())).view(
    np.int64
  )


def slot(key: int, size: int) -> int:
  """Returns the slot of one key, as `slots` does."""
  return (key * _FACTOR & EMPTY) >> 65 - size.bit_length()


def place(keys: UInt64s, values: Int32s) -> tuple[UInt64s, Int32s]:
  """Makes a table of distinct keys.

  Args:
    keys: uint64 [n], none of them `EMPTY`.
    values: int32 [n].

  Returns:
    uint64 [size], keys or `EMPTY`, and int32 [size], their values. The size is
    a power of two, at least 2 n.

  >>> table, values = place(np.array([7, 9], np.uint64), np.array([1, 2]))
  >>> at = slot(9, len(table))
  >>> int(table[at]), int(values[at])
  (9, 2)
  """
  size = 2 << max(len(keys) - 1, 1).bit_length()
  table = np.full(size, EMPTY, np.uint64)
  out = np.zeros(size, np.int32)
  slot = slots(keys, size)
  todo: npt.NDArray[np.int64] = np.arange(len(keys))
  while len(todo):
    at = slot[todo]
    free = table[at] == EMPTY
    # If several keys want the same slot, NumPy stores the last.
    table[at[free]] = keys[todo[free]]
    won = table[at] == keys[todo]
    out[at[won]] = values[todo[won]]
    todo = todo[~won]
    slot[todo] = slot[todo] + 1 & size - 1
  return table, out
