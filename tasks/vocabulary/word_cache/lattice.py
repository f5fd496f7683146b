"""The best segmentations of many short strings at once, and how safe each is.

SentencePiece's unigram model takes, of all ways to write a sentence as pieces,
one whose scores have the largest sum. It adds them up from the left in single
precision, so where two ways are nearly as good, it depends on what came before
which of them wins. Here the sums are of doubles and begin at 0. The margin to
the second best way says how much rounding a decision bears; where it might not
bear it, `replay` adds up as SentencePiece does, from where the sum really is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

_Doubles = npt.NDArray[np.float64]

# Where SentencePiece 0.2.2 begins anew to add up, for precision's sake.
RESET_BELOW = np.float32(-100_000)

# Of longer strings, there is no need.
MAX_BYTES = 255

# A way from one place in a string to another: start, end, id, score.
Edge = tuple[int, int, int, np.float32]


@dataclasses.dataclass(frozen=True, slots=True)
class Segmentations:
  """The best way to write each of n strings.

  Attributes:
    ids: of the pieces; a character that is no piece has the unknown id.
    score: float64 [n], sums of scores.
    margin: float64 [n], how much less the second best way has; 0 for a tie,
      infinite if there is no other way.
    dip: float64 [n], the lowest that the best sum up to any place is.
  """

  ids: Ragged
  score: _Doubles
  margin: _Doubles
  dip: _Doubles


class Lattice:
  """Segments strings with one model.

  Attributes:
    scores: float32 [pieces], of an id; of the unknown id, what an unknown
      character costs.
    unk_id: the unknown id.
  """

  def __init__(self, trie: Trie, scores: npt.NDArray[np.float32], unk_id: int):
    self._trie = trie
    self.scores = scores
    self.unk_id = unk_id

  def segment(self, strings: Sequence[bytes]) -> Segmentations:
    """Finds the best segmentations.

    Args:
      strings: n of them, UTF-8, of at most `MAX_BYTES`, without zero bytes.
    """
    # One after the other, with a zero byte after each: a place is an index, the
    # one of the zero byte is where a string ends.
    flat = np.frombuffer(b'\0'.join([*strings, b'']), np.uint8)
    sizes = np.fromiter(map(len, strings), np.int64, len(strings))
    begins = offsets_of(sizes + 1)[:-1]
    best = np.full(len(flat), -np.inf)
    best[begins] = 0
    second = np.full(len(flat), -np.inf)
    back = np.zeros(len(flat), np.int64)
    via = np.zeros(len(flat), np.int32)
    # By ascending start; of each group, all ends are different.
    for starts, ends, ids in self._edges(flat, begins, sizes):
      sums = best.take(starts)
      sums += self.scores.take(ids)
      old = best.take(ends)
      better = sums > old
      second[ends] = np.maximum(second.take(ends), np.minimum(sums, old))
      (won,) = better.nonzero()
      to = ends.take(won)
      best[to] = sums.take(won)
      back[to] = starts.take(won)
      via[to] = ids.take(won)
    score = best.take(begins + sizes)
    dip = np.where(np.isfinite(best), best, 0)
    # From the ends back to the beginnings.
    margin = np.full(len(strings), np.inf)
    counts = np.zeros(len(strings), np.int64)
    steps: list[tuple[Int64s, Int32s]] = []
    (which,) = sizes.nonzero()
    at = begins[which] + sizes[which]
    while len(which):
      counts[which] += 1
      lead = best.take(at) - second.take(at)
      margin[which] = np.minimum(margin.take(which), lead)
      steps.append((which, via.take(at)))
      at = back.take(at)
      (rest,) = (at > begins.take(which)).nonzero()
      which, at = which.take(rest), at.take(rest)
    offsets = offsets_of(counts)
    values = np.zeros(int(offsets[-1]), np.int32)
    for k, (which, ids) in enumerate(steps):
      values[offsets[which + 1] - 1 - k] = ids
    return Segmentations(
      Ragged(values, offsets),
      score,
      margin,
      np.minimum.reduceat(dip, begins) if strings else dip,
    )

  def edges(self, string: bytes) -> list[Edge]:
    """All pieces in a string, in the order that SentencePiece meets them."""
    found: list[Edge] = []
    start = 0
    while start < len(string):
      size = _SIZES.item(string[start])
      pieces = self._trie.pieces_at(string, start)
      if start + size not in (end for end, _ in pieces):
        pieces.append((start + size, self.unk_id))
      for end, piece in pieces:
        found.append((start, end, piece, self.scores[piece]))
      start += size
    return found

  def _edges(
    self, flat: npt.NDArray[np.uint8], begins: Int64s, sizes: Int64s
  ) -> Iterator[tuple[Int64s, Int64s, Int32s]]:
    """Yields groups of edges: starts, ends, ids; see `segment`."""
    (begun,) = _STARTS.take(flat).nonzero()
    known = np.zeros(len(flat), np.bool_)
    at = np.zeros(len(begun), np.int32)
    start = end = begun
    parts: list[tuple[Int64s, Int64s, Int32s]] = []
    while len(start):
      at, alive = self._trie.step(at, flat.take(end))
      start, end = start.take(alive), end.take(alive) + 1
      ids = self._trie.piece.take(at)
      (hit,) = (ids >= 0).nonzero()
      if len(hit):
        some, to = start.take(hit), end.take(hit)
        parts.append((some, to, ids.take(hit)))
        one = _SIZES.take(flat.take(some)) == to - some
        known[some[one]] = True
    strange = begun[~known.take(begun)]
    parts.append(
      (
        strange,
        strange + _SIZES.take(flat.take(strange)),
        np.full(len(strange), self.unk_id, np.int32),
      )
    )
    starts, ends, ids = map(np.concatenate, zip(*parts, strict=True))
    string_start = np.repeat(begins, sizes + 1)
    # In one byte, so that sorting is counting.
    key = (starts - string_start.take(starts)).astype(np.uint8)
    order = np.argsort(key, kind='stable')
    starts, ends, ids = starts.take(order), ends.take(order), ids.take(order)
    bounds = np.cumsum(np.bincount(key))
    for i, j in itertools.pairwise([0, *bounds.tolist()]):
      yield starts[i:j], ends[i:j], ids[i:j]


def replay(
  edges: Sequence[Edge], size: int, before: np.float32
) -> tuple[list[int], np.float32]:
  """Segments one string exactly as SentencePiece does in its place.

  Args:
    edges: as `Lattice.edges` gives them.
    size: bytes of the string.
    before: the sum of scores where it begins.

  Returns:
    ids, and the sum of scores where it ends.
  """
  sums: dict[int, np.float32] = {0: before}
  came: dict[int, tuple[int, int]] = {}
  start = -1
  for begin, end, piece, score in edges:
    if begin != start:
      start = begin
      here = sums[start]
      if here < RESET_BELOW:
        for place in sums:
          if place >= start:
            sums[place] = sums[place] - here
        here = sums[start]
    total = here + score
    if end not in sums or total > sums[end]:
      sums[end] = total
      came[end] = (start, piece)
  ids = []
  at = size
  while at:
    at, piece = came[at]
    ids.append(piece)
  return ids[::-1], sums[size]


# By a byte: how many a character has that begins with it, and if one does.
_SIZES = np.array([1] * 12 + [2] * 2 + [3, 4]).repeat(16)
_STARTS = np.array([True] * 8 + [False] * 4 + [True] * 4).repeat(16)
_STARTS[0] = False
