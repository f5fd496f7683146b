"""Divides sources into parts, and puts parts into work items."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ul2_flan.pipelines.run.plan import Part, WorkItem
from ul2_flan.pipelines.sources import Piece

_T = TypeVar('_T')


def runs_of(
  things: Iterable[_T], size: Callable[[_T], float], most: float
) -> list[list[_T]]:
  """Joins neighbours to runs, as many as `most` bytes have room for.

  One that is larger is a run alone.

  >>> runs_of([3, 4, 9, 1], lambda n: n, 8)
  [[3, 4], [9], [1]]
  """
  runs: list[list[_T]] = []
  held = 0.0
  for thing in things:
    if not runs or held + size(thing) > most:
      runs.append([])
      held = 0.0
    runs[-1].append(thing)
    held += size(thing)
  return runs


def divide(
  group: str, pieces: Sequence[Piece], part_bytes: float, shards_per_byte: float
) -> list[Part]:
  """Divides the sources of a group into parts.

  Args:
    group: the group's name.
    pieces: in order. A piece that is larger than a part becomes a part alone.
    part_bytes: the most source bytes of a part, where pieces allow it.
    shards_per_byte: how many shards of each data set a source byte gives.
  """
  parts = []
  first = 0
  for index, run in enumerate(runs_of(pieces, lambda p: p.size, part_bytes)):
    size = sum(p.size for p in run)
    # Even a small part writes a shard, so that no part waits for another.
    count = max(1, round(size * shards_per_byte))
    parts.append(Part(group, index, tuple(run), first, count))
    first += count
  return parts


def items_of(
  parts: Sequence[Part], item_bytes: float, part_bytes: float = 0
) -> tuple[WorkItem, ...]:
  """Puts parts into work items in their order, small ones together.

  Args:
    parts: a part that is larger than an item becomes an item alone.
    item_bytes: the most source bytes of an item that has several parts.
    part_bytes: what a part costs besides reading its sources, in source bytes.
  """
  runs = runs_of(parts, lambda p: p.size + part_bytes, item_bytes)
  return tuple(WorkItem(i, tuple(run)) for i, run in enumerate(runs))
