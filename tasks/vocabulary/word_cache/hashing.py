"""Open addressing in NumPy: a key is at its slot or in one soon after it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, UInt64s

EMPTY = 2**64 - 1  # no key is this

# Fibonacci hashing: 2**64 divided by the golden ratio.
_FACTOR = 0x9E3779B97F4A7C15


def slots(keys: UInt64s, size: int) -> Int64s:
  """The slot of each key in a table of `size`, a power of two."""
  return (keys * np.uint64(_FACTOR) >> np.uint64(65 - size.bit_length())).view(
    np.int64
  )


def slot(key: int, size: int) -> int:
  """The slot of one key."""
  return (key * _FACTOR & EMPTY) >> 65 - size.bit_length()


def place(keys: UInt64s, values: Int32s) -> tuple[UInt64s, Int32s]:
  """A table of distinct keys, at most half full.

  Returns:
    uint64 [size], keys or `EMPTY`; int32 [size], their values.
  """
  size = 2 << max(len(keys) - 1, 1).bit_length()
  table = np.full(size, EMPTY, np.uint64)
  out = np.zeros(size, np.int32)
  slot = slots(keys, size)
  todo: npt.NDArray[np.int64] = np.arange(len(keys))
  while len(todo):
    at = slot[todo]
    free = table[at] == EMPTY
    # Of several that want the same slot, the last gets it.
    table[at[free]] = keys[todo[free]]
    won = table[at] == keys[todo]
    out[at[won]] = values[todo[won]]
    todo = todo[~won]
    slot[todo] = slot[todo] + 1 & size - 1
  return table, out
