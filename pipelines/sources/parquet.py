"""Parquet files: a column is the text; row groups are read one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError, unknown

# The most rows decoded at a time, and rejected together if they are damaged.
_BATCH_ROWS = 1024


# What pyarrow raises for bytes that are not Parquet.
DAMAGE = (pa.ArrowException, OSError)


class WatchedFile:
  """A file that tells a damaged file from one that is out of reach."""

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
  """Bytes of each row group, for dividing the file into pieces.

  Raises:
    UserError: it is not Parquet, or has not the columns that are asked for.
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
    groups = parquet.metadata
    # What is read is the text column, or nearly.
    return [
      groups.row_group(i).total_byte_size for i in range(groups.num_row_groups)
    ]


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """The rows of the row groups `start <= i < stop`; a place is a row."""
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
          lost = f'{end - row} rows of row group {i} cannot be read: {e}'
          block.reject(row, 'damaged_file', lost)
          row = end
        block.source_bytes = piece.size * (row - first) // total
        yield block


def _batches(
  parquet: pq.ParquetFile, group: int, options: SourceOptions
) -> Iterator[pa.RecordBatch]:
  """The rows of one row group, of about `block_bytes` at a time."""
  columns = [c for c in (options.text_field, options.id_field) if c]
  facts = parquet.metadata.row_group(group)
  row_bytes = facts.total_byte_size // max(facts.num_rows, 1) + 1
  rows = min(max(options.block_bytes // row_bytes, 1), _BATCH_ROWS)
  return iter(parquet.iter_batches(rows, [group], columns=columns))


def _add_rows(
  batch: pa.RecordBatch, row: int, block: DocumentBlock, options: SourceOptions
) -> None:
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
  """What a column of strings holds that is none: Parquet does not check."""


def _values(column: Any) -> list[Any]:
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
