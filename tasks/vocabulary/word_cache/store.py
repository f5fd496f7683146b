"""What the cache knows of the units seen so far, by their numbers."""

import bisect
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.lattice import MAX_BYTES, Lattice
from ul2_flan.tasks.vocabulary.word_cache.replay import (
  RESET_BELOW,
  Edge,
  EdgeArray,
  tuples_of,
)
from ul2_flan.tasks.vocabulary.word_cache.units import Numbering, room_for

# The number of all units that are not for the cache.
UNFIT = 0

# The widest spacing of float32 sums: below `RESET_BELOW` they are begun anew,
# and no unit takes a sum to twice that.
MAX_SPACING = np.spacing(-2 * RESET_BELOW)

# What an entry of the store has, from its low bits on: how many pieces a unit
# has, at most `MAX_BYTES`; its fall; and where its pieces begin. An entry is
# negative if the unit needs a closer look, as signs are fast to find.
_COUNT, _COUNT_BITS = 0xFF, 8
_FALL_BITS = 21
MAX_FALL = (1 << _FALL_BITS) - 1
_START_SHIFT = _COUNT_BITS + _FALL_BITS
_MARK = np.iinfo(np.int64).min

# Falls are counted in so many parts of 1. So the largest is beyond
# `RESET_BELOW`: a document with a unit that falls farther is looked at closely.
FALL_PARTS = 16

# How many edges are kept, of 10 bytes each: rounding matters to few units. A
# gigabyte of English has some 300,000.
_MAX_EDGES = 1 << 19

_T = TypeVar('_T', bound=np.generic)


class Store:
  """Segmentations of units, and where rounding may change them.

  Attributes:
    scores: float32 [ids].
    deepest: no unit's dip is below this, nor is it when sums are rounded.
    capacity: how many units fit.
    numbering: finds the numbers of short units by their keys.
    long: the numbers of longer units, by the units as `Chunk.strings` has them.
    safe: float32 [room]: rounding cannot change the segmentation where float32
      sums are spaced less than this.
    dips: float32 [room], how far sums fall, inside the unit, below the sum
      where it begins; 0 or less.
  """

  def __init__(self, lattice: Lattice, capacity: int):
    self._lattice = lattice
    self.scores = lattice.scores
    self.deepest = float(MAX_BYTES * min(lattice.scores)) - 1
    # All units, as they were added, and the first number of each addition.
    self._added = [Joined.of([b''])]
    self._firsts = [UNFIT]
    self._edges: dict[int, EdgeArray] = {}
    self._edge_count = 0
    # The units that were added last and are not safe at every spacing.
    self._doubtful: list[int] = []
    self.capacity = capacity
    self.numbering = Numbering()
    self.long: dict[bytes, int] = {}
    # The pieces of all units, one unit after the other; and of each unit where
    # its pieces begin, with `_BITS` low bits for all else. One number each, as
    # the memory of a unit is what a look-up waits for.
    self._ids: Int32s = np.zeros(1 << 16, np.int32)
    self._used = 0
    self._entries: Int64s = np.full(1, _MARK, np.int64)
    self.safe: npt.NDArray[np.float32] = np.full(1, np.inf, np.float32)
    self.dips: npt.NDArray[np.float32] = np.zeros(1, np.float32)

  def __len__(self) -> int:
    return self._firsts[-1] + len(self._added[-1])

  def add(self, strings: Joined) -> Int32s:
    """Numbers new units and segments them.

    Args:
      strings: n units, normalised, with a space for the mark of a word. The
        caller sees to it that they fit.

    Returns:
      int32 [n], their numbers.
    """
    first = len(self)
    self._added.append(strings)
    self._firsts.append(first)
    self._make_room(len(self))
    numbers = slice(first, len(self))
    made = self._lattice.segment(strings)
    end = self._used + len(made.ids.values)
    if end > len(self._ids):
      self._ids = _longer(self._ids, max(2 * len(self._ids), end))
    self._ids[self._used : end] = made.ids.values
    starts = made.ids.offsets[:-1] + self._used
    self._used = end
    self.dips[numbers] = made.dip
    # The bound of the package's paragraph on rounding, solved for e. The factor
    # of 0.99 is for the rounding of this line.
    most = made.ids.lengths + strings.sizes
    safe = 0.99 * 2 * made.margin / np.maximum(most, 1)
    self.safe[numbers] = safe
    is_doubtful = self.safe[numbers] <= MAX_SPACING
    self._doubtful = (first + np.flatnonzero(is_doubtful)).tolist()
    mark = np.where(is_doubtful, _MARK, 0)
    falls = np.ceil(-made.score * FALL_PARTS).clip(0, MAX_FALL).astype(np.int64)
    self._entries[numbers] = (
      mark | starts << _START_SHIFT | falls << _COUNT_BITS | made.ids.lengths
    )
    return np.arange(first, len(self), dtype=np.int32)

  def _make_room(self, count: int) -> None:
    """Makes room for so many units."""
    if count <= len(self._entries):
      return
    room = room_for(count)
    self._entries = _longer(self._entries, room)
    self.safe = _longer(self.safe, room)
    self.dips = _longer(self.dips, room)

  def pieces(self, numbers: Int64s) -> tuple[Ragged, Int64s, Int64s]:
    """Returns the pieces of units, and which of these need a closer look.

    Args:
      numbers: int64 [n].

    Returns:
      n sequences of ids; int64 [n], how far sums of scores fall from where each
      unit begins to where it ends, in parts of 1 / `FALL_PARTS`, rounded up, at
      most `MAX_FALL`; and int64, ascending, the places among the n of units
      that are `UNFIT`, or not safe at a spacing of `MAX_SPACING`.
    """
    entries = self._entries.take(numbers)
    marked = np.flatnonzero(entries < 0)
    entries[marked] ^= _MARK
    counts = entries & _COUNT
    offsets = offsets_of(counts)
    falls = entries >> _COUNT_BITS
    falls &= MAX_FALL
    # From a place among the ids to return to its place among those of all.
    entries >>= _START_SHIFT
    entries -= offsets[:-1]
    source = entries.repeat(counts)
    source += np.arange(len(source))
    return Ragged(self._ids.take(source), offsets), falls, marked

  def edges(self, number: int) -> tuple[list[Edge], int]:
    """Returns a unit's edges and its size in bytes, for `replay`."""
    if number not in self._edges:
      self._keep({number: self._lattice.edges_of(self.string(number))})
    edges = tuples_of(self._edges[number])
    # The last one begins with the unit's last character.
    return edges, edges[-1][1] if edges else 0

  def string(self, number: int) -> bytes:
    """Returns a unit, as it was added."""
    which = bisect.bisect_right(self._firsts, number) - 1
    return self._added[which][number - self._firsts[which]]

  def list_edges(self, numbers: Sequence[int]) -> None:
    """Lists the edges of units beforehand; many at once cost far less."""
    if all(n in self._edges for n in numbers):
      return
    # Text of which some edges are wanted will soon want those of its new units.
    wanted = dict.fromkeys([*numbers, *self._doubtful])
    new = [n for n in wanted if n not in self._edges]
    listed = self._lattice.edges(Joined.of([*map(self.string, new)]))
    self._keep(dict(zip(new, listed, strict=True)))

  def _keep(self, edges: dict[int, EdgeArray]) -> None:
    if self._edge_count > _MAX_EDGES:
      self._edges, self._edge_count = {}, 0
    self._edges |= edges
    self._edge_count += sum(map(len, edges.values()))


def _longer(array: npt.NDArray[_T], size: int) -> npt.NDArray[_T]:
  """Returns an array with zeros behind it, so that it has a size."""
  return np.concatenate([array, np.zeros(size - len(array), array.dtype)])
