"""Reads P3's rows as they were released: the texts of seqio's cached tasks."""

from collections.abc import Iterator
from typing import Any

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import open_stream
from ul2_flan.pipelines.sources.tfrecord import read_frames
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import (
  P3_MORE,
  P3_TEXTS,
  RowCollector,
)
from ul2_flan.tasks import records
from ul2_flan.tasks.catalog import Source, Task

# Token ids, of T5's vocabulary, are not decoded: they are most of the bytes.
_FEATURES = frozenset((*P3_TEXTS, *P3_MORE))


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a shard; a place is a record's number.

  Rejects:
    not_an_example, missing_field, invalid_utf8: a record without P3's texts.
    too_long_record: a record over `records.MAX_RECORD_BYTES`.
    damaged_file: the rest of the shard, after a checksum that does not fit.
  """
  collector = RowCollector(piece, source)
  with open_stream(piece.path, records.is_frame_head) as stream:
    for record in read_frames(stream, piece.path):
      if isinstance(record, str):
        collector.reject(collector.number + 1, DAMAGED_FILE, record)
        break
      if collector.next_row():
        if isinstance(record, records.LongRecord):
          collector.reject_long(record)
        else:
          _add(collector, record)
      if len(collector) >= options.block_rows:
        yield collector.take(stream.source_bytes)
      if collector.done:
        break
    yield collector.take(stream.source_bytes)


def _add(collector: RowCollector, record: bytes) -> None:
  """Adds the row of a serialised example, or rejects it."""
  number = collector.number
  try:
    features = records.decode_example(record, _FEATURES)
    row: dict[str, Any] = {
      name: [_value(v) for v in values] for name, values in features.items()
    }
  except records.CorruptRecordError as e:
    collector.reject(number, 'not_an_example', str(e), record)
    return
  except UnicodeDecodeError as e:
    collector.reject(number, 'invalid_utf8', str(e), record)
    return
  if 'is_correct' in row:
    # An Example has no null: an empty feature says that there is no value.
    row['is_correct'] = next(iter(row['is_correct']), None)
  collector.add(number, row, record)


def _value(value: Any) -> str | bool:
  """Decodes a text; of P3's features only `is_correct` holds a number."""
  return value.decode() if isinstance(value, bytes) else bool(value)
