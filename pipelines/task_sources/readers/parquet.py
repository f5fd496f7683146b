"""Parquet, as Hugging Face's hub has its data sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.parquet import DAMAGE, WatchedFile
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import (
  Collector,
  columns_of,
  optional_columns,
)
from ul2_flan.tasks.catalog import Source, Task


def row_counts(path: str) -> list[int]:
  """Rows of each row group; none of a file that is not Parquet."""
  with files.open_read(path) as raw:
    watched = WatchedFile(raw)
    try:
      metadata = pq.ParquetFile(cast(Any, watched)).metadata
    except DAMAGE:
      if watched.failure is not None:
        raise
      return []
    return [
      metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)
    ]


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The rows of the row groups `start <= i < stop`; a place is a row."""
  collector = Collector(piece, source)
  with files.open_read(piece.path) as raw:
    watched = WatchedFile(raw)
    try:
      parquet = pq.ParquetFile(cast(Any, watched))
    except DAMAGE as e:
      if watched.failure is not None:
        raise
      collector.reject(0, 'damaged_file', f'not a Parquet file: {e}')
      yield collector.take(piece.size)
      return
    metadata = parquet.metadata
    sizes = [
      metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)
    ]
    columns = _columns(source, parquet.schema_arrow.names)
    single = _float32_columns(parquet.schema_arrow)
    collector.skip(sum(sizes[: piece.start]))
    for i in range(len(sizes))[piece.start : piece.stop]:
      end = collector.row + 1 + sizes[i]
      if not collector.overlaps(sizes[i]):
        collector.skip(sizes[i])
        continue
      try:
        for batch in parquet.iter_batches(
          options.block_rows, [i], columns=columns
        ):
          for record in _records(batch):
            if collector.next_row():
              _add(collector, record, single)
          yield collector.take(piece.size * (i + 1) // len(sizes))
      except DAMAGE as e:
        if watched.failure is not None:
          raise
        lost = end - collector.row - 1
        detail = f'{lost} rows of row group {i} cannot be read: {e}'
        collector.reject(collector.row + 1, 'damaged_file', detail)
        collector.skip(lost)
        yield collector.take(piece.size * (i + 1) // len(sizes))


def _columns(source: Source, names: list[str]) -> list[str] | None:
  """The columns to read; all, for the message, if one that is needed is not."""
  wanted = columns_of(source)
  if not wanted or not set(wanted) <= set(names):
    return None
  return [n for n in names if n in (*wanted, *optional_columns(source))]


def _add(
  collector: Collector,
  record: dict[str, Any] | str,
  single: list[str],
) -> None:
  if isinstance(record, str):
    collector.reject(collector.row, 'invalid_utf8', record)
    return
  for name in single:
    if name in record:
      record[name] = _shortest(record[name])
  collector.add(collector.row, record)


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
  """The rows of a batch; of one whose text is not UTF-8, what is wrong.

  Parquet's writers need not check, so its strings may be anything.
  """
  try:
    yield from batch.to_pylist(maps_as_pydicts='lossy')
  except UnicodeDecodeError:
    for i in range(batch.num_rows):
      try:
        (record,) = batch.slice(i, 1).to_pylist(maps_as_pydicts='lossy')
      except UnicodeDecodeError as e:
        yield str(e)
      else:
        yield record


def _float32_columns(schema: pa.Schema) -> list[str]:
  """Columns of single precision: STS-B's label, 3.8, would be 3.799999952."""

  def has(kind: pa.DataType) -> bool:
    inner = [kind.field(i).type for i in range(kind.num_fields)]
    return bool(pa.types.is_float32(kind)) or any(map(has, inner))

  return [field.name for field in schema if has(field.type)]


def _shortest(value: Any) -> Any:
  """A single-precision number as the shortest text of it reads, as in JSON.

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
