"""Which rows of a task are used: caps, held-out rows, candidates for exemplars.

Hashes of keys choose over a whole split. So the choice depends neither on the
order of the rows nor on how they are divided among workers. A task's rows are
read once to choose, and once more to be rendered; what is kept in between is
bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    task: its name: tasks choose independently.
    seed: the run's.
    cap: the most rows of its training split; 0 for no limit. A row that gives
      several instances counts once.
    validation_cap: the most rows of its validation split; 0 for no limit.
    held_out: for a task whose source has no validation split, the share of the
      training split that becomes one; else 0.
  """

  task: str
  seed: int
  cap: int
  validation_cap: int
  held_out: float

  def is_validation(self, split: str, keys: UInt64s) -> Bools:
    """Returns which rows of a source's split are in our validation split.

    Each row of a training split is held out with probability `held_out`.

    Args:
      split: 'train' or 'validation'.
      keys: uint64 [n].

    Returns:
      bool [n].
    """
    if split == 'validation' or not self.held_out:
      return np.full(len(keys), split == 'validation')
    streams = seeding.stream(self.seed, f'{self.task}/validation', keys)
    return seeding.unit(seeding.draw(streams, 0)) < self.held_out

  def ranks(self, keys: UInt64s) -> UInt64s:
    """Returns random ranks, uint64 [n]: a cap keeps the lowest."""
    streams = seeding.stream(self.seed, f'{self.task}/cap', keys)
    return seeding.draw(streams, 0)

  def all_of(self, blocks: Sequence[RowBlock]) -> Selection | None:
    """Chooses all rows of a task of one block, if no cap could be exceeded.

    The candidates, which it does not list, are then the rows of the training
    split.
    """
    caps = [cap for cap in (self.cap, self.validation_cap) if cap]
    if len(blocks) != 1 or len(blocks[0]) > min([POOL_SIZE, *caps]):
      return None
    no_bounds = {'train': None, 'validation': None}
    return Selection(self, no_bounds, [], np.zeros(0, np.uint64))

  def select(
    self, blocks: Iterable[tuple[str, RowBlock]], exemplars: bool
  ) -> Selection:
    """Reads all rows of a task and chooses.

    Args:
      blocks: all blocks, each with the source's split that it is of.
      exemplars: whether there is a setting with exemplars.
    """
    lowest = {
      'train': Lowest(self.cap),
      'validation': Lowest(self.validation_cap),
    }
    candidates = _Candidates(POOL_SIZE if exemplars else 0)
    for split, block in blocks:
      held_out = self.is_validation(split, block.keys)
      ranks = self.ranks(block.keys)
      lowest['train'].add(ranks[~held_out])
      lowest['validation'].add(ranks[held_out])
      candidates.add(block, ~held_out, self)
    return Selection(
      self,
      {split: ranks.bound() for split, ranks in lowest.items()},
      *candidates.chosen(),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
  """What a selector chose of a task.

  Attributes:
    selector: the selector.
    bounds: for each split, the rank below which rows are used; None for all.
    candidates: rows of the training split that exemplars are made of: those of
      lowest rank, whether within the cap or not.
    candidate_keys: uint64 [n], their keys.
  """

  selector: Selector
  bounds: Mapping[str, int | None]
  candidates: list[Mapping[str, Any]]
  candidate_keys: UInt64s

  def used(self, keys: UInt64s, is_validation: Bools) -> Bools:
    """Returns which rows are within the caps: bool [n]."""
    used = np.ones(len(keys), np.bool_)
    bounds = {s: b for s, b in self.bounds.items() if b is not None}
    ranks = self.selector.ranks(keys) if bounds else keys
    for split, bound in bounds.items():
      others = is_validation if split == 'train' else ~is_validation
      used &= others | (ranks < np.uint64(bound))
    return used


class Lowest:
  """Finds the bound below which the lowest `limit` of many numbers lie.

  It keeps O(limit) numbers and takes O(1) time for each, on average.

  >>> lowest = Lowest(2)
  >>> lowest.add(np.array([5, 3, 9, 1], np.uint64))
  >>> lowest.bound()
  5
  """

  def __init__(self, limit: int):
    """Begins with no number; a limit of 0 is none, and needs none."""
    self._limit = limit
    self._kept = np.zeros(0, np.uint64)

  def add(self, numbers: UInt64s) -> None:
    """Takes numbers in."""
    if not self._limit:
      return
    self._kept = np.concatenate([self._kept, numbers])
    # Rarely, so that a number costs the same however many came before.
    if len(self._kept) > 4 * self._limit + 1000:
      self._kept = np.partition(self._kept, self._limit)[: self._limit + 1]

  def bound(self) -> int | None:
    """Returns a bound with at most `limit` numbers below it.

    None if there are no more than `limit`. If equal numbers stand on both sides
    of the limit, fewer are below.
    """
    if not self._limit or len(self._kept) <= self._limit:
      return None
    return int(np.partition(self._kept, self._limit)[self._limit])


class _Candidates:
  """Keeps the rows of lowest rank among those that may be exemplars."""

  def __init__(self, size: int):
    self._size = size
    self._rows: list[Mapping[str, Any]] = []
    self._keys = np.zeros(0, np.uint64)
    self._ranks = np.zeros(0, np.uint64)

  def add(self, block: RowBlock, chosen: Bools, selector: Selector) -> None:
    """Takes in the rows of a block that are `chosen`, bool [n]."""
    if not self._size:
      return
    ranks = pool_rank(block.keys, seed=selector.seed, task=selector.task)
    if len(self._ranks) >= self._size:
      chosen = chosen & (ranks < self._ranks.max())
    indices = np.flatnonzero(chosen)
    self._rows += [block.rows[i] for i in indices.tolist()]
    self._keys = np.concatenate([self._keys, block.keys[indices]])
    self._ranks = np.concatenate([self._ranks, ranks[indices]])
    if len(self._rows) > 2 * self._size:
      self._shrink()

  def _shrink(self) -> None:
    # By key where ranks are equal, so that the order of blocks does not matter.
    order = np.lexsort((self._keys, self._ranks))[: self._size]
    self._rows = [self._rows[i] for i in order.tolist()]
    self._keys = self._keys[order]
    self._ranks = self._ranks[order]

  def chosen(self) -> tuple[list[Mapping[str, Any]], UInt64s]:
    """Returns the rows, by rank, and their keys."""
    self._shrink()
    return self._rows, self._keys
