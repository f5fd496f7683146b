"""Draws which instances of a pool are an example's exemplars.

Never the instance itself, nor one that asks the same question, nor two that
ask the same; where options are not shown, none whose answer needs them.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s, offsets_of
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.same_question import questions
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.seeding import below, draw

# More candidates than exemplars are drawn, for those that may not be used.
_SPARE = 3

# The counter from which on a stream orders the whole pool; candidates use those
# below it.
_ORDER = 1 << 32


@dataclasses.dataclass(frozen=True, slots=True)
class ExemplarDraw:
  """The draws of n examples from a pool.

  Attributes:
    pool: where the exemplars are from.
    keys: uint64 [n], of the instances that are asked about.
    question: int64 [n], the pool's number for what each asks; -1 for none.
    streams: uint64 [n], of which the draws take their random bits.
    alone: bool [n], whose exemplars must make sense without their options.
  """

  pool: Pool
  keys: UInt64s
  question: Int64s
  streams: UInt64s
  alone: Bools

  @classmethod
  def of(
    cls,
    pool: Pool,
    family: Family,
    instances: Instances,
    streams: UInt64s,
    alone: Bools,
  ) -> ExemplarDraw:
    """Looks up what n instances ask."""
    numbers = [pool.numbers.get(t, -1) for t in questions(family, instances)]
    question = np.array(numbers, np.int64)
    return cls(pool, instances.keys, question, streams, alone)

  def choose(self, wanted: Int64s, most: int) -> list[list[int]]:
    """Draws exemplars for each example, uniformly and without repetition.

    A few candidates more than wanted nearly always suffice, and are drawn for
    all examples at once: O(n * most**2), whatever the pool's size. Examples
    that are left short go through the whole pool.

    Args:
      wanted: int64 [n], how many exemplars each is to have.
      most: no `wanted` is greater. It must be the same throughout a run, since
        how many candidates are drawn depends on it.

    Returns:
      for each example indices into the pool: fewer than wanted if there are no
      more that may be used.
    """
    size = len(self.pool.instances)
    if not size or not len(self.keys):
      return [[] for _ in self.keys]
    # int64 [most + spare, n]: candidate j of each example, some twice. So the
    # examples lie side by side, and each step below goes along them.
    counters = np.arange(most + _SPARE)
    candidates = below(draw(self.streams, counters[:, None]), size)
    asked = self.pool.question[candidates]
    bad = asked == self.question
    bad |= self.pool.instances.keys[candidates] == self.keys
    bad |= self.alone & self.pool.need_options[candidates]
    # The first `wanted` good ones are taken, of each example.
    taken = np.empty_like(bad)
    rank = np.zeros(len(wanted), np.int64)
    for j, refused in enumerate(bad):
      # Nor one that asks what an earlier candidate asks.
      refused |= (asked[:j] == asked[j]).any(axis=0)
      rank += ~refused
      taken[j] = ~refused & (rank <= wanted)
    flat = candidates.T[taken.T].tolist()
    bounds = offsets_of(taken.sum(axis=0, dtype=np.int64)).tolist()
    result = [flat[start:stop] for start, stop in itertools.pairwise(bounds)]
    for i in np.flatnonzero(rank < wanted).tolist():
      result[i] = self._from_all(i, int(wanted[i]))
    return result

  def another(self, i: int, fits: Bools) -> int | None:
    """Draws one exemplar for example i from those that fit, uniformly.

    Args:
      i: the example.
      fits: bool [size of the pool], the instances that there is room for.

    Returns:
      an index into the pool; None if none may be used.
    """
    among = np.flatnonzero(fits & self._usable(i))
    if not len(among):
      return None
    return int(among[np.argmin(self._rank(i, among))])

  def _from_all(self, i: int, wanted: int) -> list[int]:
    """Goes through the usable part of the pool in an order drawn for i."""
    among = np.flatnonzero(self._usable(i))
    # By what they ask; of those that ask the same, the first stays.
    chosen: dict[int, int] = {}
    for e in among[np.argsort(self._rank(i, among))].tolist():
      chosen.setdefault(int(self.pool.question[e]), e)
      if len(chosen) == wanted:
        break
    return list(chosen.values())

  def _usable(self, i: int) -> Bools:
    """Returns bool [size of the pool], what example i may show."""
    usable = self.pool.question != self.question[i]
    usable &= self.pool.instances.keys != self.keys[i]
    if self.alone[i]:
      usable &= ~self.pool.need_options
    return usable

  def _rank(self, i: int, among: Int64s) -> UInt64s:
    """Returns the places of instances of the pool in an order drawn for i."""
    return draw(self.streams[i : i + 1], _ORDER + among)
