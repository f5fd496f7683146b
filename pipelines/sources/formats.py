"""Lists the formats of text; recognises a file's, and divides the file.

A new format needs a reader here, in `READERS`: a function that takes a `Piece`
and `SourceOptions` and yields `DocumentBlock`s.
"""

from collections.abc import Callable, Iterator, Mapping
import itertools

from ul2_flan.pipelines.sources import jsonl, text, tfrecord
from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  compression_of,
  plain_name,
)
from ul2_flan.tasks.errors import UserError, unknown


def _read_parquet(
  piece: Piece, options: SourceOptions
) -> Iterator[DocumentBlock]:
  # Here and below, because pyarrow takes half as long to import as NumPy.
  from ul2_flan.pipelines.sources import parquet

  return parquet.read(piece, options)


READERS: Mapping[
  str, Callable[[Piece, SourceOptions], Iterator[DocumentBlock]]
] = {
  'jsonl': jsonl.read,
  'parquet': _read_parquet,
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
  """Returns the name of a file's reader: the option's, or by the file's name.

  Raises:
    UserError: there is no format of the option's name, or the file's name does
      not tell one.

  >>> kind_of('c4/en.00000.jsonl.gz', SourceOptions())
  'jsonl'
  >>> kind_of('c4.tfrecord-00000-of-01024', SourceOptions())
  'tfrecord'
  """
  if options.format != 'auto':
    if options.format not in READERS:
      raise unknown('--format', options.format, ['auto', *READERS])
    return options.format
  name = plain_name(path)
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

  Plain JSON lines are cut at any byte (readers find the next line), Parquet
  between row groups. Other files are one piece; empty ones of no compression
  are none.

  Args:
    path: the file.
    size: its bytes as stored.
    max_bytes: the bytes of a piece, as stored.
    options: how to read the sources.
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
  # No compressed file is empty: the reader tells.
  is_one = size or compression_of(path)
  return [Piece(path, kind, 0, size, size)] if is_one else []


def _split_row_groups(
  path: str, size: int, max_bytes: int, options: SourceOptions
) -> list[Piece]:
  """Joins neighbouring row groups until they have `max_bytes` together."""
  from ul2_flan.pipelines.sources import parquet

  try:
    groups = parquet.row_group_sizes(path, options)
  except DamagedFileError:
    # One piece all the same: the reader tells what is wrong. No file has as
    # many row groups as bytes.
    return [Piece(path, 'parquet', 0, size, size)]
  # Parquet tells the sizes of groups uncompressed; `max_bytes` is as stored.
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
  """Reads the blocks of a piece."""
  return READERS[piece.kind](piece, options)
