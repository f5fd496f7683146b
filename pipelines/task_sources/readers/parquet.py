"""Reads Parquet, as Hugging Face's hub has its data sets."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import DamagedFileError
from ul2_flan.pipelines.sources.parquet import ParquetFile
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import (
  RowCollector,
  columns_of,
  optional_columns,
)
from ul2_flan.tasks.catalog import Source, Task


def row_counts(path: str) -> list[int]:
  """Counts the rows of each row group; a file that is not Parquet has none."""
  with files.open_read(path) as raw:
    try:
      return ParquetFile(raw).counts
    except DamagedFileError:
      return []


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the row groups `start <= i < stop`; a place is a row's number.

  Rejects:
    missing_field, wrong_type, invalid_utf8: a row that does not hold the
      columns that the source maps.
    damaged_file: the whole file, or the rest of a row group. It is one reject
      for all these rows; the next row group is read.
  """
  collector = RowCollector(piece, source)
  with files.open_read(piece.path) as raw:
    try:
      parquet = ParquetFile(raw)
      _refuse_doubles(source, parquet.schema.names)
    except DamagedFileError as e:
      collector.reject(0, DAMAGED_FILE, str(e))
      yield collector.take(piece.size)
      return
    counts = parquet.counts
    columns = _columns(source, parquet.schema.names)
    single = float32_columns(parquet.schema)
    # Rows are numbered from the file's first: a slice counts them so.
    collector.skip(sum(counts[: piece.start]))
    for i in range(len(counts))[piece.start : piece.stop]:
      end = collector.number + 1 + counts[i]
      if not collector.overlaps(counts[i]):
        collector.skip(counts[i])
        continue
      done = piece.size * (i + 1) // len(counts)
      try:
        for batch in parquet.batches(i, options.block_rows, columns):
          with parquet.damage():
            for row in rows_in(batch):
              if collector.next_row():
                add_row(collector, row, single)
          yield collector.take(done)
      except DamagedFileError as e:
        lost = end - collector.number - 1
        detail = f'{lost} rows of row group {i} cannot be read: {e}'
        collector.reject(collector.number + 1, DAMAGED_FILE, detail)
        collector.skip(lost)
        yield collector.take(done)


def _refuse_doubles(source: Source, names: list[str]) -> None:
  """Refuses a file of which nobody knows what to read.

  Raises:
    DamagedFileError: it has two columns of a name that is read.
  """
  for name in columns_of(source) or names:
    if names.count(name) > 1:
      raise DamagedFileError(
        f"it has {names.count(name)} columns called '{name}'"
      )


def _columns(source: Source, names: list[str]) -> list[str] | None:
  """Returns the columns to read, or None for all.

  If a column is missing, all are read: each row is rejected, with a message
  that names the columns that there are.
  """
  wanted = columns_of(source)
  if not wanted or not set(wanted) <= set(names):
    return None
  return [n for n in names if n in (*wanted, *optional_columns(source))]


def add_row(
  collector: RowCollector, row: dict[str, Any] | str, single: list[str]
) -> None:
  """Adds a row, or rejects it if it is a message.

  Args:
    single: columns of single precision.
  """
  if isinstance(row, str):
    collector.reject(collector.number, 'invalid_utf8', row)
    return
  for name in single:
    if name in row:
      row[name] = _shortest(row[name])
  collector.add(collector.number, row)


def rows_in(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
  """Yields the rows of a batch, or a message for a row that is not UTF-8.

  Parquet's writers need not check, so its strings may be any bytes.
  """
  try:
    yield from batch.to_pylist(maps_as_pydicts='lossy')
  except UnicodeDecodeError:
    # It was raised before the first row: now row by row.
    for i in range(batch.num_rows):
      try:
        (row,) = batch.slice(i, 1).to_pylist(maps_as_pydicts='lossy')
      except UnicodeDecodeError as e:
        yield str(e)
      else:
        yield row


def float32_columns(schema: pa.Schema) -> list[str]:
  """Returns the columns with numbers of single precision in them.

  Python's floats are double: STS-B's label 3.8 would become 3.799999952, which
  is another text and gives the row another key than its JSON lines have.
  """

  def has(kind: pa.DataType) -> bool:
    inner = [kind.field(i).type for i in range(kind.num_fields)]
    return bool(pa.types.is_float32(kind)) or any(map(has, inner))

  return [field.name for field in schema if has(field.type)]


def _shortest(value: Any) -> Any:
  """Returns the double whose shortest text is that of the single, as in JSON.

  >>> _shortest([float(np.float32(3.8))])
  [3.8]
  """
  if isinstance(value, float):
    return float(str(np.float32(value)))
  if isinstance(value, list):
    return [_shortest(v) for v in value]
  if isinstance(value, dict):
    return {name: _shortest(v) for name, v in value.items()}
  return value
