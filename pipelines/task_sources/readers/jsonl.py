"""Reads JSON lines: a line is a row, or has lists whose items are rows."""

from collections.abc import Iterator
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.jsonl import loads, why_not_json
from ul2_flan.pipelines.sources.lines import Lines, read_lines
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import RowCollector, explode
from ul2_flan.tasks.catalog import Source, Task

# For its size of blocks and its limit of a line.
_LINES = SourceOptions()


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a piece; a place is a line's byte offset.

  Rejects:
    not_json, invalid_utf8, wrong_type, missing_field: a line that does not hold
      the columns that the source maps.
    too_long_record: a line over the limit of a document.
    damaged_file: the rest of a compressed file cannot be decompressed, or the
      file ends within a row.
  """
  collector = RowCollector(piece, source)
  path = source.each.split('.') if source.each else []
  done = 0
  for lines in read_lines(piece, _LINES):
    done = lines.source_bytes
    if lines.damage:
      collector.reject(lines.offset, DAMAGED_FILE, lines.damage)
    elif lines.too_long:
      if collector.next_row():
        detail = f'over {_LINES.max_document_bytes} bytes without a newline'
        collector.reject(lines.offset, 'too_long_record', detail)
    else:
      for _ in _parse(lines, path, collector):
        if len(collector) >= options.block_rows:
          yield collector.take(done)
    if collector.done:
      break
  yield collector.take(done)


def count(piece: Piece) -> int:
  """Counts the rows of a piece whose lines are one each, good or bad."""
  return sum(
    bool(line.strip()) or lines.too_long
    for lines in read_lines(piece, _LINES)
    for line in lines.lines
  )


def _parse(
  lines: Lines, path: list[str], collector: RowCollector
) -> Iterator[None]:
  """Collects the rows of some lines; pauses after each, for a block's end."""
  for place, line in lines.with_places():
    if not line.strip():
      continue
    if not path and not collector.overlaps(1):
      # A slice at a file's end has many rows before it: they are not parsed.
      collector.skip(1)
    else:
      for row in _rows(line, path):
        if collector.next_row():
          _add(collector, place, line, row, lines.is_open)
        yield
    if collector.done:
      return


def _rows(line: bytes, path: list[str]) -> list[Any]:
  """Returns a line's rows, or in their place the error that it raised."""
  try:
    row = loads(line)
    return list(explode(row, path)) if path else [row]
  except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError) as e:
    return [e]


def _add(
  collector: RowCollector, place: int, line: bytes, row: Any, is_open: bool
) -> None:
  """Adds a row; or a reject, if it is an error."""
  if isinstance(row, orjson.JSONDecodeError):
    collector.reject(place, *why_not_json(line, row, is_open), line)
  elif isinstance(row, Exception):
    detail = f'{type(row).__name__}: {row}'
    collector.reject(place, 'missing_field', detail, line)
  else:
    collector.add(place, row, line)
