"""Hashes of grams: so many units in a row, of texts of one script."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.seeding import mix

# An odd number, and its inverse modulo 2**64.
_BASE = 0xD6E8FEB86659FD93
_INVERSE = pow(_BASE, -1, 1 << 64)

# A table of so many places for each gram passes one other gram in sixteen, and
# takes at most 64 MB.
_SPARSE, _FEWEST, _MOST = 16, 1 << 16, 1 << 26


@functools.lru_cache(maxsize=4)
def _powers(base: int, count: int) -> UInt64s:
  """Returns the powers of a number from 0 on: uint64 [count]."""
  factors = np.full(count, base, np.uint64)
  factors[:1] = 1
  return np.multiply.accumulate(factors)


def hashes_of(units: UInt64s, length: int) -> UInt64s:
  """Hashes all grams of a length: the sums of hashes times rising powers.

  >>> units = np.array([5, 7, 5, 7], np.uint64)
  >>> one, two, three = hashes_of(units, 2).tolist()
  >>> one == three, one == two
  (True, False)

  Args:
    units: uint64 [m].
    length: units of a gram.

  Returns:
    uint64 [max(0, m + 1 - length)].
  """
  count = len(units) + 1 - length
  if count <= 0:
    return np.zeros(0, np.uint64)
  # The tables are as long as the next power of two: one serves many blocks.
  room = 1 << len(units).bit_length()
  sums = np.zeros(len(units) + 1, np.uint64)
  np.cumsum(units * _powers(_BASE, room)[: len(units)], out=sums[1:])
  return mix((sums[length:] - sums[:-length]) * _powers(_INVERSE, room)[:count])


@dataclasses.dataclass(frozen=True, slots=True)
class GramTable:
  """Hashes of grams, to be looked up.

  Attributes:
    hashes: uint64 [g], sorted.
    passes: bool [2**k], for the highest k bits of a hash: whether any of the
      hashes has these. Most of a text's grams are told by that alone.
    shift: 64 - k.
  """

  hashes: UInt64s
  passes: Bools
  shift: np.uint64

  @classmethod
  def of(cls, hashes: UInt64s) -> GramTable:
    """Makes a table of hashes, which are sorted."""
    places = min(max(_SPARSE * len(hashes), _FEWEST), _MOST)
    bits = (places - 1).bit_length()
    shift = np.uint64(64 - bits)
    passes = np.zeros(1 << bits, np.bool_)
    passes[hashes >> shift] = True
    return cls(hashes, passes, shift)

  def find(self, given: UInt64s) -> tuple[Int64s, Int64s]:
    """Finds those of m hashes that are in the table.

    Returns:
      int64 [k] and int64 [k]: their indices among the m, and the index in the
      table of the first that equals each.
    """
    at = np.flatnonzero(self.passes[given >> self.shift])
    place = np.searchsorted(self.hashes, given[at])
    place = np.minimum(place, max(len(self.hashes) - 1, 0))
    same = (
      self.hashes[place] == given[at]
      if len(self.hashes)
      else np.zeros(0, np.bool_)
    )
    return at[same], place[same]
