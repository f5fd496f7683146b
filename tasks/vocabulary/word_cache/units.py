"""Cuts text into units, and numbers the different ones.

A unit is a word, or a part of one where the model allows (see the package):
with `foo`, `-` and `bar` apart there are far fewer different units than words.
"""

import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int32s, Int64s, UInt64s
from ul2_flan.tasks.vocabulary.word_cache import hashing

# A key has room for 15 bytes of a unit; longer ones are looked up one by one.
MAX_KEY_BYTES = 15

# Zero bytes that a buffer needs at its end, as 16 bytes are read at each unit.
PADDING = 16

# Kinds of bytes. Units are cut between two kinds if their exclusive or is 1 to
# 4: at either side of white space, and between a letter and a mark, but not
# beside OTHER bytes (5 and 6), which pieces may have beside either.
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
    sizes: int64 [n], in bytes, at least 1 each.
    first: bool [n], whether white space comes before, so that the unit begins
      with the mark of a word.
  """

  starts: Int64s
  sizes: Int64s
  first: Bools


def split(data: bytes, kinds: bytes) -> Units:
  """Finds the units of a buffer.

  Args:
    data: UTF-8 that begins and ends with white space.
    kinds: 256 bytes, the kind of each byte.

  >>> kinds = bytearray([LETTER]) * 256
  >>> kinds[ord(' ')], kinds[ord('-')] = SPACE, MARK
  >>> units = split(b' a foo-bar ', bytes(kinds))
  >>> units.starts.tolist(), units.sizes.tolist(), units.first.tolist()
  ([1, 3, 6, 7], [1, 3, 1, 3], [True, True, False, False])
  """
  kind = np.frombuffer(data.translate(kinds), np.uint8)
  change = kind[1:] ^ kind[:-1]
  # 1 to 4 become 0 to 3, and 0 becomes 255.
  change -= np.uint8(1)
  bounds = np.flatnonzero(change < 4)
  bounds += 1
  is_start = kind.take(bounds) != SPACE
  inside = np.flatnonzero(is_start)
  starts = bounds.take(inside)
  # Each bound ends the stretch since the one before it; a unit comes first in
  # its word if that stretch is white space.
  first = ~is_start.take(inside - 1)
  inside += 1
  return Units(starts, bounds.take(inside) - starts, first)


def keys(data: bytes, units: Units) -> tuple[UInt64s, UInt64s]:
  """Packs each unit into two words of 64 bits, which tell it from any other.

  The first eight bytes are one word; the seven after them and `first` are the
  other. No unit has a zero byte, so padding with zeros is unambiguous.

  Args:
    data: the buffer, with `PADDING` zero bytes after the units.
    units: n of them. Of units longer than `MAX_KEY_BYTES`, keys mean nothing.

  Returns:
    uint64 [n], the low and the high words.
  """
  # A view of eight bytes from every byte on, without a copy.
  words: UInt64s = np.ndarray((len(data) - 7,), '<u8', data, strides=(1,))
  low = words.take(units.starts)
  low &= _LOW_BYTES.take(units.sizes, mode='clip')
  high = words[8:].take(units.starts)
  high &= _HIGH_BYTES.take(units.sizes, mode='clip')
  high <<= np.uint64(8)
  high |= units.first
  return low, high


class Numbering:
  """Gives numbers to keys, and finds them: an open-addressing table."""

  def __init__(self, capacity: int):
    """Makes room for numbers in [0, capacity)."""
    # By number; the last row is for no number, see `find`.
    self._low: UInt64s = np.zeros(capacity + 1, np.uint64)
    self._high: UInt64s = np.zeros(capacity + 1, np.uint64)
    size = 2 << (capacity - 1).bit_length()
    self._slots: Int32s = np.full(size, -1, np.int32)

  def find(self, low: UInt64s, high: UInt64s) -> Int32s:
    """Returns the keys' numbers: int32 [n], -1 for keys without a number."""
    slot = hashing.slots(mix(low, high), len(self._slots))
    numbers = self._slots.take(slot)
    # The -1 of an empty slot takes the last row. That is zero, and no key is.
    hit = self._low.take(numbers) == low
    hit &= self._high.take(numbers) == high
    # Hits and empty slots are done. Go on where another key has the slot.
    retry = np.flatnonzero(hit == (numbers < 0))
    while len(retry):
      slot[retry] = slot[retry] + 1 & len(self._slots) - 1
      numbers[retry] = here = self._slots[slot[retry]]
      same = (self._low[here] == low[retry]) & (self._high[here] == high[retry])
      retry = retry[~same & (here >= 0)]
    return numbers

  def add(self, low: UInt64s, high: UInt64s, numbers: Int32s) -> None:
    """Gives numbers to keys that have none, all of them different."""
    self._low[numbers] = low
    self._high[numbers] = high
    slot = hashing.slots(mix(low, high), len(self._slots))
    hashing.claim(self._slots, slot, numbers)


def mix(low: UInt64s, high: UInt64s) -> UInt64s:
  """Hashes each key's two words to one, with a factor of MurmurHash3's.

  Different keys may get the same word, but hardly ever do.
  """
  return low * np.uint64(0xFF51AFD7ED558CCD) ^ high
