"""Parquet: a list of int32 or a string for each column, zstd.

Token ids are all over their range, so neither a dictionary nor statistics of
them would help a reader, and both take a fifth of the time.
"""

import io
from typing import Any, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import Column, Frames

_TYPES = {'int32': pa.list_(pa.int32()), 'string': pa.string()}


class ParquetWriter:
  """Writes a shard, each window of examples as a row group; see `Writer`."""

  def __init__(self, file: WholeFile, columns: Columns):
    self._columns = columns
    self._schema = pa.schema(
      [(name, _type_of(f)) for name, f in columns.features.items()]
    )
    texts = [k for k, f in columns.features.items() if f.dtype == 'string']
    self._sink = _Sink(file)
    self._writer = pq.ParquetWriter(
      pa.PythonFile(self._sink, mode='w'),
      self._schema,
      compression='zstd',
      use_dictionary=texts,  # type: ignore[arg-type]
      write_statistics=texts,
    )

  def write(self, frames: Frames, where: str) -> None:
    columns = self._columns.decode(frames, where)
    arrays = [_array(columns[field.name], field.type) for field in self._schema]
    self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

  def __enter__(self) -> Self:
    return self

  def __exit__(self, error: type[BaseException] | None, *more: object) -> None:
    # pyarrow would close it later, and write to a file that is closed.
    self._sink.is_dropped = bool(error)
    self._writer.close()


def _type_of(feature: Feature) -> pa.DataType:
  """Returns the type of a column; a number of an evaluation is an int64."""
  return _TYPES.get(feature.dtype, pa.int64())


def _array(column: Column, kind: pa.DataType) -> 'pa.Array[Any]':
  if not isinstance(column, Ragged):
    return pa.array(column, kind)
  if not pa.types.is_list(kind):
    return pa.array(column.values, kind)
  offsets: Any = pa.array(column.offsets.astype(np.int32))
  values: Any = pa.array(column.values)
  return pa.ListArray.from_arrays(offsets, values)


class _Sink(io.RawIOBase):
  """A file as pyarrow wants one.

  Attributes:
    is_dropped: whether what is written is passed over.
  """

  def __init__(self, file: WholeFile):
    self._file = file
    self.is_dropped = False

  def writable(self) -> bool:
    return True

  def write(self, data: object) -> int:
    # Not the buffer itself, whose memory pyarrow may use again.
    copy = bytes(data)  # type: ignore[call-overload]
    if not self.is_dropped:
      self._file.write(copy)
    return len(copy)
