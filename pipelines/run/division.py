"""Divides sources into parts, and puts parts into work items."""

from collections.abc import Sequence

from ul2_flan.pipelines.run.plan import Part, WorkItem
from ul2_flan.pipelines.sources import Piece


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
  # A run of pieces becomes a part.
  runs: list[list[Piece]] = []
  held = 0
  for piece in pieces:
    if not runs or held + piece.size > part_bytes:
      runs.append([])
      held = 0
    runs[-1].append(piece)
    held += piece.size
  parts = []
  first = 0
  for index, run in enumerate(runs):
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
  # A run of parts becomes an item.
  runs: list[list[Part]] = []
  held = 0.0
  for part in parts:
    size = part.size + part_bytes
    if not runs or held + size > item_bytes:
      runs.append([])
      held = 0.0
    runs[-1].append(part)
    held += size
  return tuple(WorkItem(i, tuple(run)) for i, run in enumerate(runs))
