"""JSON lines: one record a line, or several where a line has lists of them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import read_lines
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import Collector, explode
from ul2_flan.tasks.catalog import Source, Task

_LINES = SourceOptions()


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The records of a piece; a place is a line's byte offset."""
  collector = Collector(piece, source)
  path = source.each.split('.') if source.each else []
  done = 0
  for lines in read_lines(piece, _LINES):
    done = lines.source_bytes
    if lines.damage:
      collector.reject(lines.offset, 'damaged_file', lines.damage)
    elif lines.too_long:
      if collector.next_row():
        detail = f'over {_LINES.max_document_bytes} bytes without a newline'
        collector.reject(lines.offset, 'too_long_record', detail)
    else:
      for place, line in zip(lines.places(), lines.lines, strict=True):
        if not place:
          line = line.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
          continue
        if not path and not collector.overlaps(1):
          collector.skip(1)  # unread: a small slice may stand behind many rows
        else:
          for record in _records(line, path):
            if collector.next_row():
              _add(collector, place, line, record)
            if len(collector) >= options.block_rows:
              yield collector.take(done)
        if collector.done:
          break
    if collector.done:
      break
  yield collector.take(done)


def count(piece: Piece) -> int:
  """The rows of a piece whose lines are one each, good or bad."""
  return sum(
    bool(line.strip()) or lines.too_long
    for lines in read_lines(piece, _LINES)
    for line in lines.lines
  )


def _records(line: bytes, path: list[str]) -> list[Any]:
  """The line's record, or those of its lists; or what is wrong with it."""
  try:
    record = orjson.loads(line)
    return list(explode(record, path)) if path else [record]
  except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError) as e:
    return [e]


def _add(collector: Collector, place: int, line: bytes, record: Any) -> None:
  if isinstance(record, Exception):
    collector.reject(place, *_explain(line, record), line)
  else:
    collector.add(place, record, line)


def _explain(line: bytes, error: Exception) -> tuple[str, str]:
  """The reason and the detail of a line that holds no record."""
  if not isinstance(error, orjson.JSONDecodeError):
    return 'missing_field', f'{type(error).__name__}: {error}'
  try:
    line.decode()
  except UnicodeDecodeError as e:
    return 'invalid_utf8', str(e)
  return 'not_json', str(error)
