"""Finds exports: folders of Parquet, JSON lines or CSV, named as on a hub."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from ul2_flan.pipelines.task_sources.readers import (
  READERS,
  arrow,
  jsonl,
  parquet,
)
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError

# Kinds of piece and the ends of their files' names, the cheapest to read first.
_KINDS = {
  'parquet': r'\.parquet',
  'arrow': r'\.arrow',
  'jsonl': r'\.(?:jsonl|ndjson|json)',
  'p3_tfrecord': r'\.tfrecord-\d+-of-\d+',
}
# These only where nothing else is found: they may be an author's own files, and
# types are lost in them.
_TEXT_KINDS = {'csv': r'\.csv', 'tsv': r'\.tsv'}
_SHARD = re.compile(r'-(\d+)-of-(\d+)(?:\.|$)')

# What may stand between a split's name and a file's ending is a number, with or
# without a total and a hash: `-00000-of-00002`, `-00001-of-00002-1f3a`, `_0`,
# `-part-3`. Nothing else: `train-v1.1.json` is SQuAD's own file, no export.
PART = r'(?:-\d+-of-\d+(?:-\w+)?|[-._](?:part[-._]?)?\d+)?'

# Folders that the hub puts between a data set, or its configuration, and files.
_BETWEEN = ('', '/data', '/default', '/plain_text')

# What `datasets` writes beside its shards, in the folder of a split.
_NO_ROWS = ('dataset_info.json', 'state.json')

# Who publishes on the hub. A download into a folder has the data set's name
# alone, `boolq`, where the hub has `google/boolq`.
ORGANISATIONS = (
  'EdinburghNLP', 'GEM', 'allenai', 'deepmind', 'facebook', 'google',
  'stanfordnlp', 'ucinlp',
)  # fmt: skip

# Names that the hub's data sets have for a split, the most common first.
ALSO_CALLED = {'validation': ('validation', 'valid', 'val', 'dev')}


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds `<locator>/<split>*.parquet`, `.jsonl` …; for P3 also `.tfrecord`.

  Between locator and file may be a folder that the hub has there, such as
  `data`, and one of the split's name. Where several folders fit, the one with
  the most splits counts; of equals, the first.

  Raises:
    UserError: some of a split's shards are missing.
  """
  names = [source.locator]
  return _locate(
    source, names, index, options, _KINDS, index.count_with(_count)
  )


def locate_loosely(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds what `locate` does not: names without the organisation, and CSV.

  Such a folder may be of another data set, so the first row of a file must have
  the columns that the source maps.
  """

  def blocks(piece: Piece, options: ReadOptions) -> Iterator[RowBlock]:
    return READERS[piece.kind](piece, task, source, options)

  def count(piece: Piece) -> int:
    return sum(len(b) + len(b.rejects) for b in blocks(piece, options))

  one = dataclasses.replace(options, block_rows=1)
  for kinds, names in itertools.product(
    (_KINDS, _TEXT_KINDS), ([name] for name in names_of(source))
  ):
    # A table with a line of names has one row fewer than as an author's file.
    counted = index.count_with(count, f'{source.kind} {source.each}')
    splits = _locate(source, names, index, options, kinds, counted)
    (first, *_) = *splits.values(), ()
    if first and len(next(blocks(first[0], one), ())):
      return splits
  return {}


def _locate(
  source: Source,
  names: Sequence[str],
  index: Index,
  options: ReadOptions,
  kinds: Mapping[str, str],
  count: Callable[[Piece], int],
) -> dict[str, tuple[Piece, ...]]:
  most: dict[str, tuple[Piece, ...]] = {}
  for folder in folders(source, names, index):
    splits = split_pieces(
      source,
      lambda split, folder=folder: _pieces(index, folder, split, source, kinds),  # type: ignore[misc]
      count,
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


def names_of(source: Source) -> list[str]:
  """Returns the names that the folder of a source's files may have.

  >>> names_of(Source(kind='export', locator='google/boolq'))
  ['google/boolq', 'boolq']
  """
  first, _, rest = source.locator.partition('/')
  alone = first in ORGANISATIONS or '/' in rest
  return [source.locator, *[rest] * (bool(rest) and alone)]


def folders(source: Source, names: Sequence[str], index: Index) -> list[str]:
  """Lists folders that may hold a source's files, or folders of its splits.

  Args:
    source: the source.
    names: of the data set's folder.
    index: all files.
  """
  found: dict[str, None] = {}
  splits = {parse(split)[0] for split in source.splits.values()}
  for name in names:
    # On the branch that the hub converts, a configuration is often called as
    # its data set.
    for between in (*_BETWEEN, '/' + name.rpartition('/')[2]):
      tail = name + between
      found |= dict.fromkeys(index.folders(tail))
      for split in sorted(splits):
        below = index.folders(f'{tail}/{split}')
        found |= dict.fromkeys(folder.rpartition('/')[0] for folder in below)
  return list(found)


def _pieces(
  index: Index,
  folder: str,
  split: str,
  source: Source,
  kinds: Mapping[str, str],
) -> Sequence[Piece]:
  """Returns the whole files of a split, all of one format."""
  for name in ALSO_CALLED.get(split, (split,)):
    stem = re.escape(name) + PART
    # A data set that was saved without splits.
    saved = 'data' + PART if name == 'train' else stem
    for kind, end in kinds.items():
      if kind == 'p3_tfrecord' and source.kind != 'p3':
        continue
      files = once(
        [
          *_matching(
            index.inside(folder), (saved if kind == 'arrow' else stem) + end
          ),
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
    if file.name in names or file.name in _NO_ROWS:
      continue
    if re.fullmatch(pattern, file.name):
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
  if piece.kind == 'arrow':
    return arrow.count(piece.path)
  return jsonl.count(piece)
