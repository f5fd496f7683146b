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

# So many are in its first word. Nine in ten units of English have no more, so
# their second words are never looked at.
_LOW_BYTES = 7

# Zero bytes that a buffer needs at its end, as 16 bytes are read at each unit.
PADDING = 16

# Copying all words of a buffer pays from one unit in so many bytes.
_BYTES_PER_UNIT = 8

# Kinds of bytes. Units are cut between two kinds if their exclusive or is 1 to
# 4: at either side of white space, and between a letter and a mark, but not
# beside OTHER bytes (5 and 6), which pieces may have beside either.
SPACE, LETTER, MARK, OTHER = 0, 1, 2, 4

# Masks of so many bytes, the first ones.
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)


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


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
  """Two words of 64 bits for each of n units, which tell it from any other.

  Attributes:
    low: uint64 [n], the first seven bytes of each unit. The eighth has 1 if the
      unit is first in its word, and 2 if it has more bytes.
    long: int64 [m], ascending, which units have more.
    high: uint64 [m], the eight bytes after the first seven. Of all other units
      it is 0.
  """

  low: UInt64s
  long: Int64s
  high: UInt64s

  def all_high(self) -> UInt64s:
    """Returns the second words of all units: uint64 [n]."""
    high = np.zeros_like(self.low)
    high[self.long] = self.high
    return high


def keys(data: bytes, units: Units) -> Keys:
  """Packs units into words; no unit has a zero byte, so zeros can fill up.

  Args:
    data: the buffer, with `PADDING` zero bytes after the units.
    units: n of them. Of units longer than `MAX_KEY_BYTES`, keys mean nothing.
  """
  # A view of eight bytes from every byte on. `take` copies it all first, which
  # pays for many units; indexing does not.
  words: UInt64s = np.ndarray((len(data) - 7,), '<u8', data, strides=(1,))
  many = len(units.starts) * _BYTES_PER_UNIT > len(data)
  low = words.take(units.starts) if many else words[units.starts]
  low &= _MASKS[: _LOW_BYTES + 1].take(units.sizes, mode='clip')
  flags = units.first.view(np.uint8)
  long = np.flatnonzero(units.sizes > _LOW_BYTES)
  low.view(np.uint8)[7::8] = flags
  low[long] |= np.uint64(2 << 56)
  high = words[_LOW_BYTES:][units.starts.take(long)]
  high &= _MASKS.take(units.sizes.take(long) - _LOW_BYTES, mode='clip')
  return Keys(low, long, high)


# There is room for so many units at first, and for twice as many whenever that
# is full.
_FIRST_ROOM = 1 << 15


def room_for(count: int) -> int:
  """Returns how many units to make room for, if there are so many."""
  room = _FIRST_ROOM
  while room < count:
    room *= 2
  return room


def _slots_for(room: int) -> int:
  """Returns how many slots a table has for so many units.

  Each key that is not at its slot takes longer, so an eighth is used at most;
  but no more than four megabytes where that is enough, as then the processor's
  cache matters more.
  """
  least = hashing.size_for(room)
  return max(least, min(4 * least, 1 << 20))


class Numbering:
  """Gives numbers to keys, and finds them: an open-addressing table.

  It grows with the numbers.
  """

  def __init__(self) -> None:
    # By number; the last row is for no number, see `find`.
    self._low: UInt64s = np.zeros(1, np.uint64)
    self._high: UInt64s = np.zeros(1, np.uint64)
    self._slots: Int32s = np.full(hashing.size_for(0), -1, np.int32)

  def find(self, keys: Keys) -> Int32s:
    """Returns the keys' numbers: int32 [n], -1 for keys without a number."""
    low, long = keys.low, keys.long
    mixed = low * _FACTOR
    mixed[long] ^= keys.high
    slot = hashing.slots(mixed, len(self._slots))
    numbers = self._slots.take(slot)
    # The -1 of an empty slot takes the last row. That is zero, and no key is.
    hit = self._low.take(numbers) == low
    # The low words of others say that their high words are 0.
    hit[long] &= self._high.take(numbers.take(long)) == keys.high
    # Hits and empty slots are done. Go on where another key has the slot.
    retry = np.flatnonzero(hit == (numbers < 0))
    if len(retry):
      high = keys.all_high()
    while len(retry):
      slot[retry] = slot[retry] + 1 & len(self._slots) - 1
      numbers[retry] = here = self._slots[slot[retry]]
      same = (self._low[here] == low[retry]) & (self._high[here] == high[retry])
      retry = retry[~same & (here >= 0)]
    return numbers

  def add(self, low: UInt64s, high: UInt64s, numbers: Int32s) -> None:
    """Gives numbers to keys that have none, all of them different."""
    if len(numbers) and int(numbers.max()) >= len(self._low) - 1:
      self._grow(room_for(int(numbers.max()) + 1))
    self._low[numbers] = low
    self._high[numbers] = high
    slot = hashing.slots(mix(low, high), len(self._slots))
    hashing.claim(self._slots, slot, numbers, free=-1)

  def _grow(self, room: int) -> None:
    """Makes room for numbers in [0, room)."""
    more = np.zeros(room + 1 - len(self._low), np.uint64)
    self._low = np.concatenate([self._low, more])
    self._high = np.concatenate([self._high, more])
    self._slots = np.full(_slots_for(room), -1, np.int32)
    (kept,) = self._low.nonzero()
    slot = hashing.slots(
      mix(self._low[kept], self._high[kept]), len(self._slots)
    )
    hashing.claim(self._slots, slot, kept.astype(np.int32), free=-1)


# One of MurmurHash3's.
_FACTOR = np.uint64(0xFF51AFD7ED558CCD)


def mix(low: UInt64s, high: UInt64s) -> UInt64s:
  """Hashes each key's two words to one.

  Different keys may get the same word, but hardly ever do.
  """
  return low * _FACTOR ^ high
