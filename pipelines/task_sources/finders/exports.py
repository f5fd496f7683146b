"""Finds exports: folders of Parquet or JSON lines, named as on a hub."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import itertools
import re

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.decompress import compression_of
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index, once
from ul2_flan.pipelines.task_sources.finders.split_slices import (
  parse,
  split_pieces,
)
from ul2_flan.pipelines.task_sources.readers import jsonl, parquet
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError

# Kinds of piece and the ends of their files' names, the cheapest to read first.
_KINDS = {
  'parquet': r'\.parquet',
  'jsonl': r'\.(?:jsonl|ndjson|json)',
  'p3_tfrecord': r'\.tfrecord-\d+-of-\d+',
}
_SHARD = re.compile(r'-(\d+)-of-(\d+)(?:\.|$)')

# What may stand between a split's name and a file's ending is a number, with or
# without a total and a hash: `-00000-of-00002`, `-00001-of-00002-1f3a`, `_0`,
# `-part-3`. Nothing else: `train-v1.1.json` is SQuAD's own file, no export.
PART = r'(?:-\d+-of-\d+(?:-\w+)?|[-._](?:part[-._]?)?\d+)?'

# Folders that the hub puts between a data set, or its configuration, and files.
_BETWEEN = ('', '/data', '/default', '/plain_text')

# Names that the hub's data sets have for a split, the most common first.
ALSO_CALLED = {'validation': ('validation', 'valid', 'val', 'dev')}


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds `<locator>/<split>*.parquet` or `.jsonl`; for P3 also `.tfrecord`.

  Between locator and file may be a folder that the hub has there, such as
  `data`, and one of the split's name. Where several folders fit, the one with
  the most splits counts; of equals, the first.

  Raises:
    UserError: some of a split's shards are missing.
  """
  most: dict[str, tuple[Piece, ...]] = {}
  for folder in _folders(source, index):
    splits = split_pieces(
      source,
      lambda split, folder=folder: _pieces(index, folder, split, source),  # type: ignore[misc]
      index.count_with(_count),
    )
    if len(splits) > len(most):
      most = splits
  return {
    ours: tuple(part for p in pieces for part in divide(p, options))
    for ours, pieces in most.items()
  }


def divide(piece: Piece, options: ReadOptions) -> Iterator[Piece]:
  """Cuts a file into pieces of about `piece_bytes`, where it can be cut.

  Plain JSON lines are cut at any byte, Parquet between row groups. A slice of
  lines is not cut: its rows are numbered from the file's first, and a reader
  that begins elsewhere does not know their numbers.
  """
  large = piece.size > options.piece_bytes
  plain = not (piece.rows or compression_of(piece.path))
  if large and piece.kind == 'jsonl' and plain:
    step = options.piece_bytes
    bounds = [*range(0, piece.size, step), piece.size]
    for start, stop in itertools.pairwise(bounds):
      yield Piece(piece.path, 'jsonl', start, stop, stop - start)
  elif large and piece.kind == 'parquet':
    groups = parquet.row_counts(piece.path)
    # The size divided by a piece's, rounded up. A file without groups (it may
    # be damaged) is one piece all the same: its reader tells what is wrong.
    count = min(-(-piece.size // options.piece_bytes), len(groups)) or 1
    bounds = [len(groups) * i // count for i in range(count + 1)]
    for start, stop in itertools.pairwise(bounds):
      size = piece.size * (stop - start) // max(len(groups), 1)
      yield dataclasses.replace(piece, start=start, stop=stop, size=size)
  else:
    yield piece


def _folders(source: Source, index: Index) -> list[str]:
  """Lists folders that may hold a source's files, or folders of its splits."""
  folders: dict[str, None] = {}
  splits = {parse(split)[0] for split in source.splits.values()}
  for between in _BETWEEN:
    tail = source.locator + between
    folders |= dict.fromkeys(index.folders(tail))
    for split in sorted(splits):
      below = index.folders(f'{tail}/{split}')
      folders |= dict.fromkeys(folder.rpartition('/')[0] for folder in below)
  return list(folders)


def _pieces(
  index: Index, folder: str, split: str, source: Source
) -> Sequence[Piece]:
  """Returns the whole files of a split, all of one format."""
  for name in ALSO_CALLED.get(split, (split,)):
    stem = re.escape(name) + PART
    for kind, end in _KINDS.items():
      if kind == 'p3_tfrecord' and source.kind != 'p3':
        continue
      files = once(
        [
          *_matching(index.inside(folder), stem + end),
          *_matching(index.inside(f'{folder}/{name}'), '.*' + end),
        ]
      )
      if files:
        _check_shards(folder, name, [file.name for file in files])
        return [whole(file, kind) for file in files]
  return ()


def _matching(listed: Sequence[File], pattern: str) -> Iterator[File]:
  """Yields the files of matching names, but no compressed copy of one."""
  names = set()
  for file in listed:
    if file.name not in names and re.fullmatch(pattern, file.name):
      names.add(file.name)
      yield file


def _check_shards(folder: str, split: str, names: list[str]) -> None:
  """Raises if the names say `-of-` more shards than there are."""
  shards = [match for name in names if (match := _SHARD.search(name))]
  if not shards:
    return
  wanted = int(shards[0].group(2))
  present = {int(shard.group(1)) for shard in shards}
  missing = sorted(set(range(wanted)) - present)
  if missing:
    raise UserError(
      f"{folder}: of split '{split}' {len(missing)} of {wanted} shards are "
      f'missing, the first is number {missing[0]:05d}. Copy them, or remove '
      'the others'
    )


def whole(file: File, kind: str) -> Piece:
  """Makes the piece that is all of a file."""
  # A piece of Parquet is a range of row groups. To learn how many there are
  # would take a read of each file, so this is a number that none reaches.
  stop = 1 << 31 if kind == 'parquet' else file.size
  return Piece(file.path, kind, 0, stop, file.size)


def _count(piece: Piece) -> int:
  """Counts the rows of a whole file, for slices.

  TFRecords are never counted: only P3 has them, and it has no slices.
  """
  if piece.kind == 'parquet':
    return sum(parquet.row_counts(piece.path))
  return jsonl.count(piece)
