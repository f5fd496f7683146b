"""Segments many short strings at once, and tells by how much each way wins.

A unigram model takes, of all ways to write a string as pieces, the one whose
scores have the largest sum. `Lattice.segment` finds it for n strings in step,
with sums of doubles that begin at 0, along with its margin over the second best
way. The package says when that one counts.
"""

from collections.abc import Iterator
import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.replay import EDGE, EdgeArray
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

_Doubles = npt.NDArray[np.float64]

# Longer units go to SentencePiece. So a place in a unit fits in a byte, which
# makes sorting by place fast, and a unit's sums stay far above `RESET_BELOW`.
MAX_BYTES = 255


@dataclasses.dataclass(frozen=True, slots=True)
class Segmentations:
  """The best way to write each of n strings.

  Attributes:
    ids: n sequences of ids; a character that is no piece has the unknown id.
    score: float64 [n], the sums of their scores.
    margin: float64 [n], how much less the second best way has; 0 for a tie,
      infinite if there is no other way.
    dip: float64 [n], the least of the best sums up to each place; 0 or less.
  """

  ids: Ragged
  score: _Doubles
  margin: _Doubles
  dip: _Doubles


@dataclasses.dataclass(frozen=True, slots=True)
class _Ways:
  """The two best ways to each place of joined strings.

  Attributes:
    best: float64 [places], the best sum up to there.
    second: float64 [places], the second best; -inf if there is no other way.
    back: int64 [places], where the last piece of the best way begins.
    via: int32 [places], its id.
  """

  best: _Doubles
  second: _Doubles
  back: Int64s
  via: Int32s

  def trace(self, begins: Int64s, ends: Int64s) -> tuple[Ragged, _Doubles]:
    """Walks all best ways back from their ends to their beginnings.

    The second best way for a string leaves the best one at some place on it,
    for the second best way to there. So the margin of the string is the least
    of the leads at the places on its best way.

    Args:
      begins: int64 [n], where each string begins.
      ends: int64 [n], where it ends.

    Returns:
      n sequences of ids, and their margins, float64 [n].
    """
    margin = np.full(len(begins), np.inf)
    counts = np.zeros(len(begins), np.int64)
    steps: list[tuple[Int64s, Int32s]] = []
    (which,) = (ends > begins).nonzero()
    at = ends[which]
    while len(which):
      counts[which] += 1
      lead = self.best.take(at) - self.second.take(at)
      margin[which] = np.minimum(margin.take(which), lead)
      steps.append((which, self.via.take(at)))
      at = self.back.take(at)
      (rest,) = (at > begins.take(which)).nonzero()
      which, at = which.take(rest), at.take(rest)
    offsets = offsets_of(counts)
    values = np.zeros(int(offsets[-1]), np.int32)
    # The k-th step back has the k-th id from the end.
    for k, (which, ids) in enumerate(steps):
      values[offsets[which + 1] - 1 - k] = ids
    return Ragged(values, offsets), margin


class Lattice:
  """Segments strings with one model.

  Attributes:
    scores: float32 [ids]; the unknown id has that of an unknown character.
    unk_id: the unknown id.

  >>> trie = Trie([b'a', b'b', b'ab'], np.array([3, 4, 5]))
  >>> scores = np.array([0, 0, -20, -2, -2, -3], np.float32)
  >>> made = Lattice(trie, scores, unk_id=2).segment(Joined.of([b'ab', b'ba']))
  >>> [ids.tolist() for ids in made.ids], made.score.tolist()
  ([[5], [4, 3]], [-3.0, -4.0])
  >>> made.margin.tolist()
  [1.0, inf]
  """

  def __init__(self, trie: Trie, scores: npt.NDArray[np.float32], unk_id: int):
    self._trie = trie
    self.scores = scores
    self.unk_id = unk_id

  def segment(self, strings: Joined) -> Segmentations:
    """Finds the best way to write each string, and its margin.

    Args:
      strings: n of them, UTF-8, of at most `MAX_BYTES`.
    """
    begins, ends = strings.begins, strings.begins + strings.sizes
    ways = self._best_ways(strings)
    ids, margin = ways.trace(begins, ends)
    # No way comes to the places inside a character.
    dip = np.where(np.isfinite(ways.best), ways.best, 0)
    return Segmentations(
      ids,
      ways.best.take(ends),
      margin,
      np.minimum.reduceat(dip, begins) if len(strings) else dip,
    )

  def _best_ways(self, strings: Joined) -> _Ways:
    """Finds the two best ways to every place: Viterbi's algorithm, in step."""
    places = len(strings.flat)
    best = np.full(places, -np.inf)
    best[strings.begins] = 0
    second = np.full(places, -np.inf)
    back = np.zeros(places, np.int64)
    via = np.zeros(places, np.int32)
    # Edges come in groups by ascending start, so `best` is final at the starts
    # of a group. Inside a group all ends differ, so no write hits another.
    for starts, ends, ids in self._edges(strings):
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
    return _Ways(best, second, back, via)

  def edges(self, strings: Joined) -> list[EdgeArray]:
    """Lists all pieces in each string, in SentencePiece's order.

    Starts ascend. Of one start, the pieces come by their ends; then, with the
    unknown id, the character that begins there if it is no piece.

    Args:
      strings: as in `segment`.
    """
    begins = strings.begins
    none = np.zeros((3, 0), np.int64)
    groups = [none, *self._edges(strings)]
    starts, ends, ids = map(np.concatenate, zip(*groups, strict=True))
    order = np.lexsort((ends, ids == self.unk_id, starts))
    starts, ends, ids = starts[order], ends[order], ids[order]
    bounds = np.searchsorted(starts, [*begins, len(strings.flat)])
    before = np.repeat(begins, np.diff(bounds))
    edges = self._as_edges(starts - before, ends - before, ids)
    return [edges[i:j] for i, j in itertools.pairwise(bounds.tolist())]

  def edges_of(self, string: bytes) -> EdgeArray:
    """Lists all pieces in one string, as `edges` does for many."""
    edges: list[tuple[int, int, int]] = []
    for start, byte in enumerate(string):
      if not _STARTS[byte]:
        continue
      found = list(self._trie.found_at(string, start))
      edges += [(start, end, piece) for end, piece in found]
      end = start + int(_SIZES[byte])
      if end not in dict(found):
        edges.append((start, end, self.unk_id))
    starts, ends, ids = np.array(edges, np.int64).reshape(-1, 3).T
    return self._as_edges(starts, ends, ids)

  def _as_edges(
    self, starts: Int64s, ends: Int64s, ids: npt.NDArray[np.integer]
  ) -> EdgeArray:
    edges = np.empty(len(ids), EDGE)
    edges['start'], edges['end'] = starts, ends
    edges['id'], edges['score'] = ids, self.scores[ids]
    return edges

  def _edges(self, strings: Joined) -> Iterator[tuple[Int64s, Int64s, Int32s]]:
    """Yields the edges of all strings, in groups: starts, ends, ids.

    A group has the edges that begin k bytes after the beginnings of their
    strings; k ascends from group to group.
    """
    flat = strings.flat
    (begun,) = _STARTS.take(flat).nonzero()
    # A place in a string fits in a byte, and NumPy sorts bytes by counting.
    place = np.arange(len(flat)).astype(np.uint8)
    place -= strings.begins.astype(np.uint8).repeat(strings.sizes + 1)
    key = place.take(begun)
    begun = begun.take(np.argsort(key, kind='stable'))
    bounds = offsets_of(np.bincount(key))
    is_known = np.zeros(len(begun), np.bool_)
    of_character = _SIZES.take(flat.take(begun))
    # Of each size of pieces, the edges of all groups, and where each group's
    # begin.
    sizes: list[tuple[Int64s, Int64s, Int32s, list[int]]] = []
    for which, size, ids in self._trie.found(flat, begun):
      starts = begun.take(which)
      cuts = which.searchsorted(bounds).tolist()
      sizes.append((starts, starts + size, ids, cuts))
      if size <= _MOST_OF_CHARACTER:
        is_known[which[of_character.take(which) == size]] = True
    (unknown,) = (~is_known).nonzero()
    starts = begun.take(unknown)
    ends = starts + of_character.take(unknown)
    ids = np.full(len(starts), self.unk_id, np.int32)
    sizes.append((starts, ends, ids, unknown.searchsorted(bounds).tolist()))
    for k in range(len(bounds) - 1):
      parts = [
        (starts[i:j], ends[i:j], ids[i:j])
        for starts, ends, ids, cuts in sizes
        if (i := cuts[k]) < (j := cuts[k + 1])
      ]
      if parts:
        starts, ends, ids = map(np.concatenate, zip(*parts, strict=True))
        yield starts, ends, ids


# By the first byte of UTF-8: how many bytes the character has; and whether a
# character begins with that byte at all. The zero byte only ends strings.
_MOST_OF_CHARACTER = 4
_SIZES = np.array([1] * 12 + [2] * 2 + [3, _MOST_OF_CHARACTER]).repeat(16)
_STARTS = np.array([True] * 8 + [False] * 4 + [True] * 4).repeat(16)
_STARTS[0] = False
