"""Reads Arrow streams, as Hugging Face's `save_to_disk` writes them."""

from collections.abc import Iterator
import contextlib
from typing import Any, BinaryIO, cast

import pyarrow as pa

from ul2_flan.pipelines.sources import Piece, pointers
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import DamagedFileError, WatchedFile
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.readers import parquet
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import RowCollector
from ul2_flan.tasks.catalog import Source, Task


def count(path: str) -> int:
  """Counts the rows of a file, as far as it can be read."""
  with files.open_read(path) as raw, contextlib.suppress(DamagedFileError):
    return sum(batch.num_rows for batch in _batches(raw))
  return 0


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a file; a place is a row's number.

  Rejects:
    missing_field, wrong_type, invalid_utf8: a row that does not hold the
      columns that the source maps.
    damaged_file: the rest of the file cannot be decoded.
  """
  collector = RowCollector(piece, source)
  with files.open_read(piece.path) as raw:
    try:
      for batch in _batches(raw):
        single = parquet.float32_columns(batch.schema)
        for start in range(0, batch.num_rows, options.block_rows):
          part = batch.slice(start, options.block_rows)
          for row in parquet.rows_in(part):
            if collector.next_row():
              parquet.add_row(collector, row, single)
          yield collector.take(min(raw.tell(), piece.size))
    except DamagedFileError as e:
      collector.reject(collector.number + 1, DAMAGED_FILE, str(e))
  yield collector.take(piece.size)


def _batches(raw: BinaryIO) -> Iterator[pa.RecordBatch]:
  """Yields the batches of a stream.

  Raises:
    DamagedFileError: the next cannot be decoded.
  """
  watched = WatchedFile(raw)
  try:
    with pa.ipc.open_stream(cast(Any, watched)) as stream:
      yield from stream
  except (pa.ArrowException, OSError) as e:
    if watched.failure is not None:
      raise
    raise DamagedFileError(pointers.told(watched) or str(e)) from e
