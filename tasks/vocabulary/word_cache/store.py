"""What the cache knows of the units seen so far, by their numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s
from ul2_flan.tasks.vocabulary.word_cache.lattice import (
  MAX_BYTES,
  RESET_BELOW,
  Edge,
  Lattice,
)
from ul2_flan.tasks.vocabulary.word_cache.units import Numbering

# The number of all units that are not for the cache.
UNFIT = 0

# The widest spacing of float32 sums: below `RESET_BELOW` they are begun anew,
# and no unit takes a sum to twice that.
MAX_SPACING = np.spacing(-2 * RESET_BELOW)

# How many units' edges are kept, of some kilobytes each: rounding matters to
# few units.
_MAX_EDGES = 1 << 12


class Store:
  """Segmentations of units, and where rounding may change them.

  Attributes:
    scores: float32 [ids].
    deepest: no unit's dip is below this.
    capacity: how many units fit.
    numbering: finds the numbers of short units by their keys.
    long: the numbers of longer units, by the units as `Chunk.strings` has them.
    ids: int32, the pieces of all units, one unit after the other.
    starts: int64 [capacity], where each unit's pieces begin in `ids`.
    counts: int64 [capacity], how many pieces each has.
    totals: float64 [capacity], their sum of scores.
    safe: float32 [capacity]: rounding cannot change the segmentation where
      float32 sums are spaced less than this.
    dips: float32 [capacity], how far sums fall, inside the unit, below the sum
      where it begins; 0 or less.
  """

  def __init__(self, lattice: Lattice, capacity: int):
    self._lattice = lattice
    self.scores = lattice.scores
    self.deepest = float(MAX_BYTES * min(lattice.scores))
    self._strings = [b'']
    self._edges: dict[int, list[Edge]] = {}
    self.capacity = capacity
    self.numbering = Numbering(capacity)
    self.long: dict[tuple[bool, bytes], int] = {}
    self._used = 0
    self.ids: Int32s = np.zeros(1 << 16, np.int32)
    self.starts: Int64s = np.zeros(capacity, np.int64)
    self.counts: Int64s = np.zeros(capacity, np.int64)
    self.totals = np.zeros(capacity)
    self.safe: npt.NDArray[np.float32] = np.full(capacity, np.inf, np.float32)
    self.dips: npt.NDArray[np.float32] = np.zeros(capacity, np.float32)

  def __len__(self) -> int:
    return len(self._strings)

  def add(self, strings: Sequence[bytes]) -> Int32s:
    """Numbers new units and segments them.

    Args:
      strings: n units, normalised, with a space for the mark of a word. The
        caller sees to it that they fit.

    Returns:
      int32 [n], their numbers.
    """
    first = len(self)
    self._strings += strings
    numbers = slice(first, len(self))
    made = self._lattice.segment(strings)
    end = self._used + len(made.ids.values)
    if end > len(self.ids):
      more = np.zeros(max(2 * len(self.ids), end), np.int32)
      more[: self._used] = self.ids[: self._used]
      self.ids = more
    self.ids[self._used : end] = made.ids.values
    self.starts[numbers] = made.ids.offsets[:-1] + self._used
    self._used = end
    self.counts[numbers] = made.ids.lengths
    self.totals[numbers] = made.score
    self.dips[numbers] = made.dip
    # The bound of the package's paragraph on rounding, solved for e. The factor
    # of 0.99 is for the rounding of this line.
    sizes = np.fromiter(map(len, strings), np.int64, len(strings))
    most = made.ids.lengths + sizes
    self.safe[numbers] = 0.99 * 2 * made.margin / np.maximum(most, 1)
    return np.arange(first, len(self), dtype=np.int32)

  def edges(self, number: int) -> tuple[list[Edge], int]:
    """Returns a unit's edges and its size in bytes, for `lattice.replay`."""
    string = self._strings[number]
    if number not in self._edges:
      if len(self._edges) == _MAX_EDGES:
        self._edges.clear()
      self._edges[number] = self._lattice.edges(string)
    return self._edges[number], len(string)
