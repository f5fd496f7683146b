"""Text cut into units, and a number for each of them.

A unit is a stretch that no piece goes beyond: a word, or if no piece of the
model has a letter beside another printable ASCII character, `foo`, `-` and
`bar` of `foo-bar`. There are far fewer different units than words.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Bools, Int32s, Int64s, UInt64s
from ul2_flan.tasks.vocabulary.word_cache import hashing

# A key has 15 bytes of a unit; longer ones are looked up one by one.
MAX_KEY_BYTES = 15

# Zero bytes that a buffer needs at its end.
PADDING = 16

# Kinds of bytes, such that units are cut between two kinds if and only if
# their exclusive or is 1 to 4.
SPACE, LETTER, MARK, OTHER = 0, 1, 2, 4

# Masks of a unit's first eight bytes, and of the seven after them, by its size.
_LOW_BYTES = np.array(
  [(1 << 8 * min(n, 8)) - 1 for n in range(MAX_KEY_BYTES + 1)], np.uint64
)
_HIGH_BYTES = np.array(
  [(1 << 8 * max(n - 8, 0)) - 1 for n in range(MAX_KEY_BYTES + 1)], np.uint64
)


@dataclasses.dataclass(frozen=True, slots=True)
class Units:
  """The n units of a buffer.

  Attributes:
    starts: int64 [n], ascending.
    sizes: int64 [n], bytes, none of them 0.
    first: bool [n], whether white space comes before.
  """

  starts: Int64s
  sizes: Int64s
  first: Bools


def split(data: bytes, kinds: bytes) -> Units:
  """Finds the units.

  Args:
    data: UTF-8 that begins and ends with white space.
    kinds: 256 bytes, the kind of each byte.
  """
  kind = np.frombuffer(data.translate(kinds), np.uint8)
  change = kind[1:] ^ kind[:-1]
  change -= np.uint8(1)
  bounds = np.flatnonzero(change < 4)
  bounds += 1
  is_start = kind.take(bounds) != SPACE
  inside = np.flatnonzero(is_start)
  starts = bounds.take(inside)
  # What white space ends at is no bound in the middle of a word.
  first = ~is_start.take(inside - 1)
  inside += 1
  return Units(starts, bounds.take(inside) - starts, first)


def keys(data: bytes, units: Units) -> tuple[UInt64s, UInt64s]:
  """Two words for each unit, which together are the unit.

  Args:
    data: the buffer, with `PADDING` zero bytes after the units.
    units: of at most `MAX_KEY_BYTES` each; keys of longer ones mean nothing.
  """
  words: UInt64s = np.ndarray((len(data) - 7,), '<u8', data, strides=(1,))
  low = words.take(units.starts)
  low &= _LOW_BYTES.take(units.sizes, mode='clip')
  high = words[8:].take(units.starts)
  high &= _HIGH_BYTES.take(units.sizes, mode='clip')
  high <<= np.uint64(8)
  high |= units.first
  return low, high


class Numbering:
  """Numbers of keys: an open-addressing table."""

  def __init__(self, capacity: int):
    """Makes room for the numbers below `capacity`."""
    self._low: UInt64s = np.zeros(capacity + 1, np.uint64)
    self._high: UInt64s = np.zeros(capacity + 1, np.uint64)
    size = 2 << (capacity - 1).bit_length()
    self._slots: Int32s = np.full(size, -1, np.int32)

  def find(self, low: UInt64s, high: UInt64s) -> Int32s:
    """The keys' numbers, int32 [n]; -1 for those without."""
    slot = hashing.slots(mix(low, high), len(self._slots))
    found = self._slots.take(slot)
    # Of an empty slot, -1, this compares the last row, which is never used.
    hit = self._low.take(found) == low
    hit &= self._high.take(found) == high
    retry = np.flatnonzero(hit == (found < 0))
    while len(retry):
      slot[retry] = slot[retry] + 1 & len(self._slots) - 1
      found[retry] = here = self._slots[slot[retry]]
      same = (self._low[here] == low[retry]) & (self._high[here] == high[retry])
      retry = retry[~same & (here >= 0)]
    return found

  def add(self, low: UInt64s, high: UInt64s, numbers: Int32s) -> None:
    """Gives numbers to new keys, different from each other."""
    self._low[numbers] = low
    self._high[numbers] = high
    slot = hashing.slots(mix(low, high), len(self._slots))
    todo: npt.NDArray[np.int64] = np.arange(len(low))
    while len(todo):
      at = slot[todo]
      free = self._slots[at] < 0
      self._slots[at[free]] = numbers[todo[free]]
      todo = todo[self._slots[at] != numbers[todo]]
      slot[todo] = slot[todo] + 1 & len(self._slots) - 1


def mix(low: UInt64s, high: UInt64s) -> UInt64s:
  """One word of each key's two; different keys hardly ever have the same."""
  return low * np.uint64(0xFF51AFD7ED558CCD) ^ high
