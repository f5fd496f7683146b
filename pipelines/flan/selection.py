"""Which records of a task are used: caps, held-out rows, and exemplars.

All of it is by hash over a whole split, so that what is chosen depends neither
on the order of the records nor on how they are divided among workers. A task's
records are read once for this, and once more to be rendered; what is kept in
between is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.task_sources import RowBlock
from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import Bools, UInt64s
from ul2_flan.tasks.rendering import POOL_SIZE, pool_rank


@dataclasses.dataclass(frozen=True, slots=True)
class Selector:
  """The rules of a run for one task.

  Attributes:
    task: its name: other tasks choose otherwise.
    seed: the run's.
    cap: the most records of its training split; 0 for no limit. A record of
      which several rows are made counts once.
    validation_cap: likewise of the validation split.
    held_out: the share of the training split that is the validation split, for
      a task whose source has none; else 0.
  """

  task: str
  seed: int
  cap: int
  validation_cap: int
  held_out: float

  def is_validation(self, split: str, keys: UInt64s) -> Bools:
    """Which records of a source's split are in our validation split."""
    if split == 'validation' or not self.held_out:
      return np.full(len(keys), split == 'validation')
    streams = seeding.stream(self.seed, f'{self.task}/validation', keys)
    return seeding.unit(seeding.draw(streams, 0)) < self.held_out

  def ranks(self, keys: UInt64s) -> UInt64s:
    """Places in the drawn order, of which the first are used."""
    streams = seeding.stream(self.seed, f'{self.task}/cap', keys)
    return seeding.draw(streams, 0)

  def select(
    self, blocks: Iterable[tuple[str, RowBlock]], exemplars: bool
  ) -> Selection:
    """Looks at all records of a task.

    Args:
      blocks: with the source's split that each is of.
      exemplars: whether a pool of them is needed.
    """
    lowest = {
      'train': Lowest(self.cap),
      'validation': Lowest(self.validation_cap),
    }
    pool = _Candidates(POOL_SIZE if exemplars else 0)
    for split, block in blocks:
      held_out = self.is_validation(split, block.keys)
      ranks = self.ranks(block.keys)
      lowest['train'].add(ranks[~held_out])
      lowest['validation'].add(ranks[held_out])
      pool.add(block, ~held_out, self)
    return Selection(
      self,
      {split: found.bound() for split, found in lowest.items()},
      *pool.chosen(),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
  """What was chosen.

  Attributes:
    selector: by whose rules.
    bounds: of each split, the rank below which records are used; None for all.
    exemplars: records of the training split, those of lowest rank.
    exemplar_keys: uint64 [n], theirs.
  """

  selector: Selector
  bounds: Mapping[str, int | None]
  exemplars: list[Mapping[str, Any]]
  exemplar_keys: UInt64s

  def used(self, keys: UInt64s, is_validation: Bools) -> Bools:
    """Which records are within the caps."""
    ranks = self.selector.ranks(keys)
    used = np.ones(len(keys), np.bool_)
    for split, chosen in (
      ('train', ~is_validation),
      ('validation', is_validation),
    ):
      bound = self.bounds[split]
      if bound is not None:
        used &= ~chosen | (ranks < np.uint64(bound))
    return used


class Lowest:
  """The bound below which the lowest `limit` of many numbers lie.

  >>> lowest = Lowest(2)
  >>> lowest.add(np.array([5, 3, 9, 1], np.uint64))
  >>> lowest.bound()
  5
  """

  def __init__(self, limit: int):
    """Keeps at most some times `limit` numbers; none for a limit of 0."""
    self._limit = limit
    self._kept = np.zeros(0, np.uint64)

  def add(self, numbers: UInt64s) -> None:
    """Takes numbers in."""
    if not self._limit:
      return
    self._kept = np.concatenate([self._kept, numbers])
    if len(self._kept) > 4 * self._limit + 1000:
      self._kept = np.partition(self._kept, self._limit)[: self._limit + 1]

  def bound(self) -> int | None:
    """At most `limit` of the numbers are below it; None if all are few enough.

    With equal numbers on both sides of the limit, fewer are below.
    """
    if not self._limit or len(self._kept) <= self._limit:
      return None
    return int(np.partition(self._kept, self._limit)[self._limit])


class _Candidates:
  """The records of lowest rank among those that may be exemplars."""

  def __init__(self, size: int):
    self._size = size
    self._records: list[Mapping[str, Any]] = []
    self._keys = np.zeros(0, np.uint64)
    self._ranks = np.zeros(0, np.uint64)

  def add(self, block: RowBlock, chosen: Bools, selector: Selector) -> None:
    if not self._size:
      return
    ranks = pool_rank(block.keys, seed=selector.seed, task=selector.task)
    if len(self._ranks) >= self._size:
      chosen = chosen & (ranks < self._ranks.max())
    indices = np.flatnonzero(chosen)
    self._records += [block.rows[i] for i in indices.tolist()]
    self._keys = np.concatenate([self._keys, block.keys[indices]])
    self._ranks = np.concatenate([self._ranks, ranks[indices]])
    if len(self._records) > 2 * self._size:
      self._shrink()

  def _shrink(self) -> None:
    order = np.lexsort((self._keys, self._ranks))[: self._size]
    self._records = [self._records[i] for i in order.tolist()]
    self._keys = self._keys[order]
    self._ranks = self._ranks[order]

  def chosen(self) -> tuple[list[Mapping[str, Any]], UInt64s]:
    self._shrink()
    return self._records, self._keys
