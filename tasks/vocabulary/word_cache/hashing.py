"""Open addressing in NumPy: hash tables that answer for many keys at once.

A key lies at its slot or, if that was taken, in the next free one. Tables are
at most half full, so it takes 1.5 steps on average to find a key (Knuth, The
Art of Computer Programming, volume 3, section 6.4).
"""

import numpy as np

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


def place(keys: UInt64s, values: Int32s) -> tuple[UInt64s, Int32s]:
  """Makes a table of distinct keys.

  Args:
    keys: uint64 [n], none of them `EMPTY`.
    values: int32 [n].

  Returns:
    uint64 [size], keys or `EMPTY`, and int32 [size], their values. The size is
    a power of two, at least 2 n.

  >>> table, values = place(np.array([7, 9], np.uint64), np.array([1, 2]))
  >>> (at,) = slots(np.array([9], np.uint64), len(table))
  >>> int(table[at]), int(values[at])
  (9, 2)
  """
  size = 2 << max(len(keys) - 1, 1).bit_length()
  index = np.full(size, -1, np.int32)
  claim(index, slots(keys, size), np.arange(len(keys), dtype=np.int32))
  table, held = np.full(size, EMPTY, np.uint64), np.zeros(size, np.int32)
  used = np.flatnonzero(index >= 0)
  table[used], held[used] = keys[index[used]], values[index[used]]
  return table, held


def claim(table: Int32s, slot: Int64s, numbers: Int32s) -> None:
  """Puts each number into the first free slot from its own on.

  Args:
    table: int32 [size], numbers, or -1 where it is free; changed in place.
    slot: int64 [n], the slot of each number's key; changed in place.
    numbers: int32 [n], all different and not in the table yet.
  """
  todo: Int64s = np.arange(len(numbers))
  while len(todo):
    at = slot[todo]
    free = table[at] < 0
    # If several numbers want the same slot, NumPy stores the last.
    table[at[free]] = numbers[todo[free]]
    todo = todo[table[at] != numbers[todo]]
    slot[todo] = slot[todo] + 1 & len(table) - 1
