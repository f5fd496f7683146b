"""Splits and their slices, as the catalog writes them: `train[:-200]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import dataclasses
import re

from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.catalog import Source


def parse(split: str) -> tuple[str, slice | None]:
  """A split's name and its slice.

  >>> parse('train[:-200]'), parse('test')
  (('train', slice(None, -200, None)), ('test', None))
  """
  found = re.fullmatch(r'(\w+)\[(-?\d*):(-?\d*)\]', split)
  if not found:
    return split, None
  name, first, stop = found.groups()
  return name, slice(int(first) if first else None, int(stop) if stop else None)


def take(
  pieces: Sequence[Piece], counts: Sequence[int], wanted: slice
) -> tuple[Piece, ...]:
  """The parts of whole files that a slice of all their rows has.

  A file without rows is in every slice: it may be damaged.
  """
  first, stop, _ = wanted.indices(sum(counts))
  taken = []
  start = 0
  for piece, count in zip(pieces, counts, strict=True):
    rows = (max(first - start, 0), min(stop - start, count))
    if rows[0] < rows[1]:
      size = piece.size * (rows[1] - rows[0]) // count
      taken.append(dataclasses.replace(piece, rows=rows, size=size))
    elif not count:
      # Its reader tells what is wrong with it.
      taken.append(piece)
    start += count
  return tuple(taken)


def split_pieces(
  source: Source,
  whole: Callable[[str], Sequence[Piece]],
  count: Callable[[Piece], int],
) -> dict[str, tuple[Piece, ...]]:
  """What is to be read for each of our splits.

  A file with no more rows than a slice leaves out of the training split is
  somebody's sample: all of it is for training.

  Args:
    source: its `splits` say which of the source's splits, or slices of them,
      ours are.
    whole: the pieces of a split of the source, each a file, none if it is not
      there.
    count: the rows of a piece.
  """
  found: dict[str, tuple[Piece, ...]] = {}
  used_up = set()
  # 'train' comes first among ours, so samples are used up before the others.
  for ours in ('train', 'validation', 'test'):
    if ours not in source.splits:
      continue
    name, wanted = parse(source.splits[ours])
    pieces = whole(name) if name not in used_up else ()
    if pieces and wanted is not None:
      sliced = take(pieces, [count(p) for p in pieces], wanted)
      if ours == 'train' and not any(p.rows for p in sliced):
        used_up.add(name)
      else:
        pieces = sliced
    if pieces:
      found[ours] = tuple(pieces)
  return found
