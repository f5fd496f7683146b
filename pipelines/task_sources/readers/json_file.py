"""A JSON document that holds a data set: all of it is read at once."""

from __future__ import annotations

from collections.abc import Iterator
import json
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.lines import DamagedFileError, open_stream
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import Collector, explode
from ul2_flan.tasks.catalog import Source, Task

# The largest of the collection's has some 100 MB (QReCC).
_MAX_BYTES = 1 << 30


class BadFileError(ValueError):
  """A file is not the document that it should be."""


def load(piece: Piece) -> Any:
  """The document of a file.

  Raises:
    BadFileError: it is damaged, no JSON, or too large to be read at once.
  """
  with open_stream(piece.path) as stream:
    try:
      data = stream.read_decompressed(_MAX_BYTES + 1)
      if len(data) <= _MAX_BYTES:
        stream.read_decompressed(1)  # tells of damage after what was read
    except DamagedFileError as e:
      raise BadFileError(str(e)) from e
  if len(data) > _MAX_BYTES:
    raise BadFileError(f'over {_MAX_BYTES} bytes; give it as JSON lines')
  try:
    return orjson.loads(data)
  except orjson.JSONDecodeError:
    # The standard library reads half surrogate pairs and NaN too, so that one
    # bad record does not lose the others.
    try:
      return json.loads(data)
    except ValueError as e:
      raise BadFileError(f'not JSON: {e}') from e


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The records of a document; a place is a record's number.

  A document is a list of records, or one; `source.each` says which lists in it
  have a record for each item.
  """
  collector = Collector(piece, source)
  path = source.each.split('.') if source.each else []
  try:
    document = load(piece)
  except BadFileError as e:
    collector.reject(0, 'damaged_file', str(e))
    yield collector.take(piece.size)
    return
  for record in document if isinstance(document, list) else [document]:
    try:
      parts = list(explode(record, path))
    except (LookupError, TypeError, AttributeError) as e:
      if collector.next_row():
        detail = f"no '{source.each}': {type(e).__name__}: {e}"
        collector.reject(collector.row, 'missing_field', detail)
      parts = []
    for part in parts:
      if collector.next_row():
        collector.add(collector.row, part)
      if len(collector) >= options.block_rows:
        yield collector.take(0)
    if len(collector) >= options.block_rows:
      yield collector.take(0)
  yield collector.take(piece.size)
