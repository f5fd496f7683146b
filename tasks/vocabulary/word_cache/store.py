"""What is known of the units seen so far, by their numbers."""

from __future__ import annotations

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

# The number of all units that the store does not take.
UNFIT = 0


# No sums of scores are spaced more widely, as they are begun anew.
MAX_SPACING = np.spacing(-2 * RESET_BELOW)

# Lattices kept, of some kilobytes each: rounding matters to few units.
_MAX_EDGES = 1 << 12


class Store:
  """Segmentations of units, and where rounding may change them.

  Attributes:
    scores: float32, of ids.
    deepest: no unit's dip is below this.
    numbering: finds the numbers of short units by their keys.
    long: the numbers of other units.
    ids: int32, the pieces of all units, one unit after the other.
    starts: int64 [capacity], where each unit's pieces begin.
    counts: int64 [capacity], how many it has.
    totals: float64 [capacity], their sum of scores.
    safe: float32 [capacity]: the segmentation is the best wherever sums of
      scores are spaced less than this.
    dips: float32 [capacity], how far sums go below where the unit begins.
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
    """Numbers units and works out what there is to know.

    Args:
      strings: n units, normalised and with a space for the mark of a word;
        there is room for them.

    Returns:
      int32 [n].
    """
    first = len(self)
    self._strings += strings
    numbers = slice(first, len(self))
    found = self._lattice.segment(strings)
    end = self._used + len(found.ids.values)
    if end > len(self.ids):
      more = np.zeros(max(2 * len(self.ids), end), np.int32)
      more[: self._used] = self.ids[: self._used]
      self.ids = more
    self.ids[self._used : end] = found.ids.values
    self.starts[numbers] = found.ids.offsets[:-1] + self._used
    self._used = end
    self.counts[numbers] = found.ids.lengths
    self.totals[numbers] = found.score
    self.dips[numbers] = found.dip
    # A sum of k scores is off by at most k / 2 spacings; the best way has
    # `counts` of them, any other no more than there are bytes. The factor is
    # for the rounding in here.
    sizes = np.fromiter(map(len, strings), np.int64, len(strings))
    most = found.ids.lengths + sizes
    self.safe[numbers] = 0.99 * 2 * found.margin / np.maximum(most, 1)
    return np.arange(first, len(self), dtype=np.int32)

  def edges(self, number: int) -> tuple[list[Edge], int]:
    """A unit's lattice and its size, for `replay`."""
    string = self._strings[number]
    if number not in self._edges:
      if len(self._edges) == _MAX_EDGES:
        self._edges.clear()
      self._edges[number] = self._lattice.edges(string)
    return self._edges[number], len(string)
