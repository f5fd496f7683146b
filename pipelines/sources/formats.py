"""The kinds of source, how files are recognised, and how they are divided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
import itertools

from ul2_flan.pipelines.sources import jsonl, parquet, text, tfrecord
from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import COMPRESSIONS, compression_of
from ul2_flan.tasks.errors import UserError, unknown

READERS: Mapping[
  str, Callable[[Piece, SourceOptions], Iterator[DocumentBlock]]
] = {
  'jsonl': jsonl.read,
  'parquet': parquet.read,
  'text': text.read_document,
  'paragraphs': text.read_paragraphs,
  'tfrecord': tfrecord.read,
}

_SUFFIXES = {
  '.jsonl': 'jsonl',
  '.json': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.txt': 'text',
  '.md': 'text',
  '.tfrecord': 'tfrecord',
  '.tfrecords': 'tfrecord',
}


def kind_of(path: str, options: SourceOptions) -> str:
  """The reader of a file, by the options or else by the file's name.

  >>> kind_of('c4/en.00000.jsonl.gz', SourceOptions())
  'jsonl'
  >>> kind_of('c4.tfrecord-00000-of-01024', SourceOptions())
  'tfrecord'
  """
  if options.format != 'auto':
    if options.format not in READERS:
      raise unknown('format', options.format, ['auto', *READERS])
    return options.format
  name = path.rsplit('/', 1)[-1]
  for suffix in COMPRESSIONS:
    name = name.removesuffix(suffix)
  for suffix, kind in _SUFFIXES.items():
    # Shards of TFDS and of seqio go on with '-00000-of-00064'.
    if name.endswith(suffix) or f'{suffix}-' in name:
      return kind
  raise UserError(
    f"{path}: cannot tell the format by the file's name. Give --format, one "
    f'of {", ".join(READERS)}'
  )


def split(
  path: str, size: int, max_bytes: int, options: SourceOptions
) -> list[Piece]:
  """Divides a file into pieces of about `max_bytes`, where it can be divided.

  Plain JSON lines are cut anywhere (readers find the next line), Parquet
  between row groups. Other files are one piece.

  Args:
    path: of the file.
    size: of the file, in bytes.
    max_bytes: of a piece, in the file's own bytes.
    options: of the sources.
  """
  kind = kind_of(path, options)
  if kind == 'jsonl' and not compression_of(path):
    bounds = [*range(0, size, max(max_bytes, 1)), size]
    return [
      Piece(path, kind, start, stop, stop - start)
      for start, stop in itertools.pairwise(bounds)
    ]
  if kind == 'parquet':
    return _split_row_groups(path, size, max_bytes, options)
  return [Piece(path, kind, 0, size, size)] if size else []


def _split_row_groups(
  path: str, size: int, max_bytes: int, options: SourceOptions
) -> list[Piece]:
  groups = parquet.row_group_sizes(path, options)
  # What counts is the file's bytes; the groups' own sizes are uncompressed.
  scale = size / max(sum(groups), 1)
  pieces = []
  start, held = 0, 0.0
  for i, group in enumerate(groups):
    held += group * scale
    if held >= max_bytes or i + 1 == len(groups):
      pieces.append(Piece(path, 'parquet', start, i + 1, round(held)))
      start, held = i + 1, 0.0
  return pieces


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """The blocks of a piece."""
  return READERS[piece.kind](piece, options)
