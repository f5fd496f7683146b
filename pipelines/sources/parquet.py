"""Reads Parquet files: a column is the text; row groups come one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines.sources.document_block import (
  DocumentBlock,
  Piece,
  SourceOptions,
)
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError, unknown

# The most rows decoded at a time, also where documents are tiny.
_BATCH_ROWS = 1024

# What pyarrow raises for bytes that are not Parquet.
DAMAGE = (pa.ArrowException, OSError)


class WatchedFile:
  """A file that remembers the error of a read.

  pyarrow raises the same errors for bytes that are not Parquet as for bytes
  that it could not get. The former is damage: the rows are rejected, for good.
  The latter may go away, so it must be raised and the work item tried again.

  Attributes:
    failure: what reading the file raised; None while all is well.
  """

  def __init__(self, raw: BinaryIO):
    self._raw = raw
    self.failure: Exception | None = None

  def read(self, size: int = -1) -> bytes:
    try:
      return self._raw.read(size)
    except Exception as e:
      self.failure = e
      raise

  def __getattr__(self, name: str) -> Any:
    return getattr(self._raw, name)


def row_group_sizes(path: str, options: SourceOptions) -> list[int]:
  """Returns the uncompressed bytes of each row group, in order.

  Raises:
    UserError: the file is not Parquet, or lacks a column of `options`, or its
      column of texts holds something else.
  """
  with files.open_read(path) as raw:
    source = WatchedFile(raw)
    try:
      parquet = pq.ParquetFile(cast(Any, source))
    except DAMAGE as e:
      if source.failure is not None:
        raise
      raise UserError(f'{path} is not a Parquet file: {e}') from e
    schema = parquet.schema_arrow
    for name in filter(None, (options.text_field, options.id_field)):
      if name not in schema.names:
        raise UserError(f'{path}: {unknown("column", name, schema.names)}')
    kind = schema.field(options.text_field).type
    if pa.types.is_dictionary(kind):
      kind = kind.value_type
    if not (
      pa.types.is_string(kind)
      or pa.types.is_large_string(kind)
      or pa.types.is_string_view(kind)
    ):
      raise UserError(
        f"{path}: column '{options.text_field}' holds {kind}, not strings; "
        'name another with --text_field'
      )
    # These are the bytes of all columns, where only one or two are read. But
    # most data sets have little beside the text, and no result depends on it.
    metadata = parquet.metadata
    return [
      metadata.row_group(i).total_byte_size
      for i in range(metadata.num_row_groups)
    ]


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """Reads the row groups `start <= i < stop`; a place is a row's number.

  Rejects:
    missing_field, wrong_type, invalid_utf8: a row whose text is null or no
      UTF-8, or whose id is no string or integer.
    damaged_file: the rest of a row group cannot be decoded. It is one reject
      for all these rows; the next row group is read.
  """
  with files.open_read(piece.path) as raw:
    source = WatchedFile(raw)
    parquet = pq.ParquetFile(cast(Any, source))
    rows = [
      parquet.metadata.row_group(i).num_rows
      for i in range(parquet.metadata.num_row_groups)
    ]
    row = first = sum(rows[: piece.start])
    total = sum(rows[piece.start : piece.stop])
    for i in range(piece.start, piece.stop):
      end = row + rows[i]
      batches = _batches(parquet, i, options)
      while row < end:
        block = DocumentBlock(piece.path)
        try:
          batch = next(batches)
          _add_rows(batch, row, block, options)
          row += batch.num_rows
        except DAMAGE as e:
          if source.failure is not None:
            raise
          # After a bad page, Arrow cannot find the rows behind it.
          lost = f'{end - row} rows of row group {i} cannot be read: {e}'
          block.reject(row, 'damaged_file', lost)
          row = end
        block.source_bytes = piece.size * (row - first) // total
        yield block


def _batches(
  parquet: pq.ParquetFile, group: int, options: SourceOptions
) -> Iterator[pa.RecordBatch]:
  """Decodes one row group, about `block_bytes` of its rows at a time."""
  columns = [c for c in (options.text_field, options.id_field) if c]
  metadata = parquet.metadata.row_group(group)
  row_bytes = metadata.total_byte_size // max(metadata.num_rows, 1) + 1
  rows = min(max(options.block_bytes // row_bytes, 1), _BATCH_ROWS)
  return iter(parquet.iter_batches(rows, [group], columns=columns))


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
