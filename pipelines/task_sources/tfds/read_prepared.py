"""Reads the rows of a TFDS-prepared shard, without TensorFlow."""

from collections.abc import Container, Iterator, Mapping

from ul2_flan.pipelines.sources import Piece, pointers
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import RowCollector
from ul2_flan.pipelines.task_sources.tfds.features import columns_in
from ul2_flan.pipelines.task_sources.tfds.values import (
  BadRecordError,
  Tree,
  leaves,
  read_tree,
)
from ul2_flan.tasks import records
from ul2_flan.tasks.catalog import Source, Task

# A TFRecord frame has a length and two checksums beside its record.
_FRAME_BYTES = 16


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the rows of a shard, or a slice of them; a place is a row's number.

  A row has the columns that the source maps, and no others: some data sets have
  pages of text beside a question. Its key is made of these columns.

  Rejects:
    damaged_file: the shard ends too early, or its checksums do not fit; the
      rows behind that place are lost.
    too_long_record: a record over `records.MAX_RECORD_BYTES`.
    not_an_example, missing_field, wrong_type, wrong_shape, invalid_utf8: a
      record that is not what the directory's features say.
  """
  assert piece.rows is not None
  columns = columns_in(piece.path.rpartition('/')[0], source)
  wanted = {name for leaf in leaves(columns) for name in leaf.names()}
  collector = RowCollector(piece, source)
  done = 0
  with files.open_read(piece.path) as file:
    frames = records.read_records(file, piece.path)
    for number in range(piece.rows[1]):
      try:
        record = next(frames, None)
      except records.CorruptRecordError as e:
        pointer = '' if number else pointers.told(file)
        collector.reject(number, DAMAGED_FILE, pointer or str(e))
        break
      if record is None:
        detail = f'it ends after {number} records; dataset_info.json has more'
        collector.reject(number, DAMAGED_FILE, detail)
        break
      done += _size(record) + _FRAME_BYTES
      if collector.next_row():
        _add(collector, columns, wanted, record)
      if len(collector) >= options.block_rows:
        yield collector.take(done)
  yield collector.take(done)


def _add(
  collector: RowCollector,
  columns: Mapping[str, Tree],
  wanted: Container[str],
  record: bytes | records.LongRecord,
) -> None:
  """Adds the row of a record, or rejects it."""
  number = collector.number
  if isinstance(record, records.LongRecord):
    collector.reject_long(record)
    return
  try:
    features = records.decode_example(record, wanted)
    row = read_tree(columns, features)
  except records.CorruptRecordError as e:
    collector.reject(number, 'not_an_example', str(e), record)
  except BadRecordError as e:
    collector.reject(number, e.reason, str(e), record)
  else:
    collector.add(number, row)


def _size(record: bytes | records.LongRecord) -> int:
  return record if isinstance(record, records.LongRecord) else len(record)
