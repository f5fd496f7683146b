"""Parquet files: a column is the text; row groups are read one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines import files
from ul2_flan.pipelines.sources.block import Block, Piece, SourceOptions
from ul2_flan.tasks.errors import UserError, unknown

# Rows decoded at a time; a block has one batch, of a few MB for usual texts.
_BATCH_ROWS = 1024


def row_group_sizes(path: str, options: SourceOptions) -> list[int]:
  """Bytes of each row group, for dividing the file into pieces.

  Raises:
    UserError: it is not Parquet, or has not the columns that are asked for.
  """
  with files.open_read(path) as raw:
    try:
      parquet = pq.ParquetFile(raw)
    except pa.ArrowInvalid as e:
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


def read(piece: Piece, options: SourceOptions) -> Iterator[Block]:
  """The rows of the row groups `start <= i < stop`."""
  columns = [c for c in (options.text_field, options.id_field) if c]
  with files.open_read(piece.path) as raw:
    parquet = pq.ParquetFile(raw)
    row = sum(
      parquet.metadata.row_group(i).num_rows for i in range(piece.start)
    )
    groups = range(piece.start, piece.stop)
    total = sum(parquet.metadata.row_group(i).num_rows for i in groups)
    first = row
    for batch in parquet.iter_batches(
      _BATCH_ROWS, list(groups), columns=columns
    ):
      block = Block(piece.path)
      _add_rows(batch, row, block, options)
      row += batch.num_rows
      block.source_bytes = piece.size * (row - first) // max(total, 1)
      yield block


def _add_rows(
  batch: pa.RecordBatch, row: int, block: Block, options: SourceOptions
) -> None:
  texts = batch.column(options.text_field)
  identities = (
    batch.column(options.id_field).to_pylist() if options.id_field else None
  )
  try:
    values = texts.to_pylist()
  except UnicodeDecodeError:
    values = [_decode(t) for t in texts.cast(pa.large_binary()).to_pylist()]
  for i, text in enumerate(values):
    fields = {options.text_field: text}
    if identities is not None:
      fields[options.id_field] = identities[i]
    if isinstance(text, bytes):
      block.reject(row + i, 'invalid_utf8', 'the string is not UTF-8', text)
    else:
      block.add(row + i, fields, b'', options)


def _decode(value: bytes | None) -> str | bytes | None:
  try:
    return None if value is None else value.decode()
  except UnicodeDecodeError:
    return value
