"""Reads JSON documents that hold a data set each, all at once."""

from collections.abc import Iterator
import json
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  TrailingGarbageError,
  open_stream,
)
from ul2_flan.pipelines.sources.jsonl import loads
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import RowCollector, explode
from ul2_flan.tasks.catalog import Source, Task

# More than the largest of the collection, QReCC's 100 MB, which takes 0.5 GB of
# memory when it is loaded. Nothing may take much more.
_MAX_BYTES, _MAX_MEMORY = 256 << 20, 1 << 30


def load(piece: Piece, collector: RowCollector) -> Any:
  """Loads the document of a file, and notes what is damaged behind it.

  Raises:
    DamagedFileError: it is damaged, not JSON, or too large to be read at once.
  """
  with open_stream(piece.path) as stream:
    data, damage = stream.read_whole(_MAX_BYTES)
  if isinstance(damage, TrailingGarbageError):
    collector.reject(0, DAMAGED_FILE, str(damage))
  elif damage:
    raise damage
  if len(data) > _MAX_BYTES or _memory(data) > _MAX_MEMORY:
    raise DamagedFileError(
      f'it is too large to be read at once: over {_MAX_BYTES >> 20} MiB, or '
      f'{_MAX_MEMORY >> 20} MiB in memory. Give it as JSON lines'
    )
  try:
    return loads(data)
  except orjson.JSONDecodeError:
    # The standard library also reads UTF-16, and byte order marks.
    try:
      return json.loads(data)
    except (ValueError, RecursionError) as e:
      raise DamagedFileError(f'not JSON: {e}') from e


def _memory(data: bytes) -> int:
  """Estimates the bytes that a document takes while it is loaded, itself too.

  Python stores a text with a byte for each letter, or with four; a value and
  its place take some dozens, a table two hundred.
  """
  texts = len(data) * (1 if data.isascii() else 4)
  values, tables = data.count(b',') + data.count(b'['), data.count(b'{')
  return len(data) + texts + 64 * values + 232 * tables


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a document; a place is a row's number.

  A document is a list of rows, or a single one. If the source has `each`, its
  rows are the items of the lists along that path (see `explode`).

  Rejects:
    missing_field: a row without a column that the source maps, or without the
      path.
    wrong_type: a row that is no object.
    damaged_file: the whole file, if it cannot be loaded.
  """
  collector = RowCollector(piece, source)
  path = source.each.split('.') if source.each else []
  try:
    document = load(piece, collector)
  except DamagedFileError as e:
    collector.reject(0, DAMAGED_FILE, str(e))
    yield collector.take(piece.size)
    return
  for whole in document if isinstance(document, list) else [document]:
    rows: list[Any]
    try:
      rows = list(explode(whole, path))
    except (LookupError, TypeError, AttributeError) as e:
      rows = [e]
    for row in rows:
      if not collector.next_row():
        continue
      if isinstance(row, Exception):
        detail = f"no '{source.each}': {type(row).__name__}: {row}"
        collector.reject(collector.number, 'missing_field', detail)
      else:
        collector.add(collector.number, row)
      if len(collector) >= options.block_rows:
        # All has been read, but nothing tells how much of it these rows are.
        yield collector.take(0)
  yield collector.take(piece.size)
