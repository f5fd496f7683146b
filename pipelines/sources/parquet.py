"""Reads Parquet files: a column is the text; row groups come one by one."""

from collections.abc import Iterator
import contextlib
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines.sources import pointers
from ul2_flan.pipelines.sources.block import (
  DAMAGED_FILE,
  DocumentBlock,
  Piece,
  SourceOptions,
)
from ul2_flan.pipelines.sources.decompress import DamagedFileError, WatchedFile
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError, unknown

# The most rows decoded at a time, also where documents are tiny.
_BATCH_ROWS = 1024

# What pyarrow raises for bytes that are not Parquet.
_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)


class ParquetFile:
  """A Parquet file that tells damage from bytes that could not be had.

  Attributes:
    metadata: what the file's end tells of its row groups.
    schema: names and types of its columns.
    counts: the rows of each row group.
  """

  def __init__(self, raw: BinaryIO):
    """Reads the file's end.

    Raises:
      DamagedFileError: it is not a Parquet file.
    """
    self._raw = WatchedFile(raw)
    with self.damage():
      self._file = pq.ParquetFile(cast(Any, self._raw))
      self.metadata = self._file.metadata
      self.schema = self._file.schema_arrow
      groups = range(self.metadata.num_row_groups)
      self.counts = [self.metadata.row_group(i).num_rows for i in groups]

  def batches(
    self, group: int, rows: int, columns: list[str] | None
  ) -> Iterator[pa.RecordBatch]:
    """Decodes a row group, so many rows at a time.

    Raises:
      DamagedFileError: the next rows cannot be decoded. Behind a bad page Arrow
        cannot find the others of the row group. Or there are fewer rows than
        the file's end tells.
    """
    batches = self._file.iter_batches(rows, [group], columns=columns)
    left = self.counts[group]
    while True:
      with self.damage():
        batch = next(batches, None)
      if batch is None:
        break
      left -= batch.num_rows
      yield batch
    if left > 0:
      raise DamagedFileError(f'{left} rows are missing')

  @contextlib.contextmanager
  def damage(self) -> Iterator[None]:
    """Turns Arrow's errors into damage, unless a read of the file failed.

    Raises:
      DamagedFileError: Arrow raised an error in the body.
    """
    try:
      yield
    except _DAMAGE as e:
      if self._raw.failure is not None:
        raise
      raise DamagedFileError(pointers.told(self._raw) or str(e)) from e


def row_group_sizes(path: str, options: SourceOptions) -> list[int]:
  """Returns the uncompressed bytes of each row group, in order.

  Raises:
    DamagedFileError: the file is not Parquet, or is cut off.
    UserError: it lacks a column of `options`, or has two of that name, or its
      column of texts holds something else.
  """
  with files.open_read(path) as raw:
    parquet = ParquetFile(raw)
  names = parquet.schema.names
  for name in filter(None, (options.text_field, options.id_field)):
    if name not in names:
      raise UserError(f'{path}: {unknown("column", name, names)}')
    if names.count(name) > 1:
      raise UserError(
        f"{path} has {names.count(name)} columns called '{name}', and it must "
        'be clear which one to read: rename the others, or leave the file out'
      )
  kind = parquet.schema.field(options.text_field).type
  if pa.types.is_dictionary(kind):
    kind = kind.value_type
  if not (
    pa.types.is_string(kind)
    or pa.types.is_large_string(kind)
    or pa.types.is_string_view(kind)
    # So pandas writes a column without a value; each row will be a reject.
    or pa.types.is_null(kind)
  ):
    raise UserError(
      f"{path}: column '{options.text_field}' holds {kind}, not strings; "
      'name another with --text_field'
    )
  # These are the bytes of all columns, where only one or two are read. But most
  # data sets have little beside the text, and no result depends on it.
  groups = range(len(parquet.counts))
  return [parquet.metadata.row_group(i).total_byte_size for i in groups]


def byte_range(file: BinaryIO, start: int, stop: int) -> tuple[int, int]:
  """Returns where the row groups `start <= i < stop` lie, as [first, end).

  Raises:
    DamagedFileError: the file is not Parquet, or is cut off.
  """
  metadata = ParquetFile(file).metadata
  bounds = []
  for i in range(metadata.num_row_groups)[start:stop]:
    for j in range(metadata.num_columns):
      column = metadata.row_group(i).column(j)
      first = column.data_page_offset
      # A dictionary, if there is one, lies before its column.
      first = min(first, column.dictionary_page_offset or first)
      bounds += [first, first + column.total_compressed_size]
  return min(bounds, default=0), max(bounds, default=0)


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """Reads the row groups `start <= i < stop`; a place is a row's number.

  Rejects:
    missing_field, wrong_type, invalid_utf8: a row whose text is null or no
      UTF-8, or whose id is no string or integer.
    damaged_file: the whole file, or the rest of a row group. It is one reject
      for all these rows; the next row group is read.
  """
  with files.open_read(piece.path) as raw:
    try:
      parquet = ParquetFile(raw)
    except DamagedFileError as e:
      block = DocumentBlock(piece.path, source_bytes=piece.size)
      block.reject(0, DAMAGED_FILE, str(e))
      yield block
      return
    row = first = sum(parquet.counts[: piece.start])
    total = sum(parquet.counts[piece.start : piece.stop])
    for i in range(len(parquet.counts))[piece.start : piece.stop]:
      end = row + parquet.counts[i]
      batches = _batches(parquet, i, options)
      while row < end:
        block = DocumentBlock(piece.path)
        try:
          batch = next(batches)
          with parquet.damage():
            _add_rows(batch, row, block, options)
          row += batch.num_rows
        except DamagedFileError as e:
          lost = f'{end - row} rows of row group {i} cannot be read: {e}'
          block.reject(row, DAMAGED_FILE, lost)
          row = end
        block.source_bytes = piece.size * (row - first) // total
        yield block


def _batches(
  parquet: ParquetFile, group: int, options: SourceOptions
) -> Iterator[pa.RecordBatch]:
  """Decodes one row group, about `block_bytes` of its rows at a time."""
  columns = [c for c in (options.text_field, options.id_field) if c]
  metadata = parquet.metadata.row_group(group)
  row_bytes = metadata.total_byte_size // max(metadata.num_rows, 1) + 1
  rows = min(max(options.block_bytes // row_bytes, 1), _BATCH_ROWS)
  return parquet.batches(group, rows, columns)


def _add_rows(
  batch: pa.RecordBatch, row: int, block: DocumentBlock, options: SourceOptions
) -> None:
  """Adds the documents of a batch, whose first row has the number `row`."""
  names = [c for c in (options.text_field, options.id_field) if c]
  columns = [_values(batch.column(name)) for name in names]
  for i, values in enumerate(zip(*columns, strict=True)):
    fields = dict(zip(names, values, strict=True))
    bad = [name for name in names if isinstance(fields[name], _NotUtf8)]
    if bad:
      detail = f"'{bad[0]}' is not UTF-8"
      block.reject(row + i, 'invalid_utf8', detail, fields[bad[0]])
    else:
      block.add(row + i, fields, b'', options)


class _NotUtf8(bytes):
  """A value of a column of strings that is no text: Parquet does not check."""


def _values(column: Any) -> list[Any]:
  """A column as Python's values; where some are no UTF-8, each by itself."""
  try:
    return column.to_pylist()
  except UnicodeDecodeError:
    return [_decode(v) for v in column.cast(pa.large_binary()).to_pylist()]


def _decode(value: bytes | None) -> str | _NotUtf8 | None:
  if value is None:
    return None
  try:
    return value.decode()
  except UnicodeDecodeError:
    return _NotUtf8(value)
