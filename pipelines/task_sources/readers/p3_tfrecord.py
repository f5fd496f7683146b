"""P3 as it was released: seqio's cached tasks, of which the texts are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.lines import DamagedFileError, open_stream
from ul2_flan.pipelines.sources.tfrecord import buffered
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import (
  P3_MORE,
  P3_TEXTS,
  Collector,
)
from ul2_flan.tasks import records
from ul2_flan.tasks.catalog import Source, Task

_NAMES = frozenset((*P3_TEXTS, *P3_MORE))


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The rows of a shard; a place is a record's number."""
  collector = Collector(piece, source)
  with open_stream(piece.path) as stream:
    frames = records.read_records(buffered(stream), piece.path)
    while not collector.done:
      try:
        frame = next(frames, None)
      except (records.CorruptRecordError, DamagedFileError) as e:
        # Frames have no marks: after a damaged one the next cannot be found.
        collector.reject(collector.row + 1, 'damaged_file', str(e))
        frame = None
      if frame is None:
        break
      if collector.next_row():
        _add(collector, frame)
      if len(collector) >= options.block_rows:
        yield collector.take(stream.source_bytes)
    yield collector.take(stream.source_bytes)


def _add(collector: Collector, frame: bytes) -> None:
  try:
    features = records.decode_example(frame, _NAMES)
    record: dict[str, Any] = {
      name: [_value(v) for v in values] for name, values in features.items()
    }
  except records.CorruptRecordError as e:
    collector.reject(collector.row, 'not_an_example', str(e), frame)
    return
  except UnicodeDecodeError as e:
    collector.reject(collector.row, 'invalid_utf8', str(e), frame)
    return
  for name in (*P3_TEXTS, 'is_correct'):
    if name in record:
      # An empty feature is how an Example says that there is none.
      record[name] = next(iter(record[name]), None)
  collector.add(collector.row, record, frame)


def _value(value: Any) -> str | bool:
  return value.decode() if isinstance(value, bytes) else bool(value)
