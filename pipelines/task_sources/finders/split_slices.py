"""Makes our splits of a source's, or of slices of them: `train[:-200]`."""

from collections.abc import Callable, Sequence
import dataclasses
import re

from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.catalog import Source


def parse(split: str) -> tuple[str, slice | None]:
  """Parses a split as the catalog writes it: a name, and maybe a slice.

  >>> parse('train[:-200]'), parse('test')
  (('train', slice(None, -200, None)), ('test', None))
  """
  match = re.fullmatch(r'(\w+)\[(-?\d*):(-?\d*)\]', split)
  if not match:
    return split, None
  name, first, stop = match.groups()
  return name, slice(int(first) if first else None, int(stop) if stop else None)


def take(
  pieces: Sequence[Piece], counts: Sequence[int], wanted: slice
) -> tuple[Piece, ...]:
  """Takes a slice of the rows of several files, read one after another.

  A file without rows is in every slice: it may be damaged, and only a reader
  tells that.

  Args:
    pieces: whole files.
    counts: the rows of each.
    wanted: a slice of the numbers of all rows, without a step.
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
      taken.append(piece)
    start += count
  return tuple(taken)


def split_pieces(
  source: Source,
  whole: Callable[[str], Sequence[Piece]],
  count: Callable[[Piece], int],
) -> dict[str, tuple[Piece, ...]]:
  """Makes the pieces to read for each of our splits.

  Many data sets have no validation split, so the catalog takes some rows of
  training for it: `train[:-200]` and `train[-200:]`. A file with so few rows
  that none is left for training is somebody's sample of the data set: then all
  of it is for training, and nothing for validation.

  Args:
    source: its `splits` map our splits to the source's, or to slices of them.
    whole: returns the pieces of a split of the source, each a file; none if
      there is no such split.
    count: counts the rows of a piece. It is called for slices only.
  """
  located: dict[str, tuple[Piece, ...]] = {}
  used_up = set()
  # 'train' comes first, so a sample is used up before the others ask for it.
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
      located[ours] = tuple(pieces)
  return located
