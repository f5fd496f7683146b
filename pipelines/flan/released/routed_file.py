"""The files between the two steps: rows by work item, task and setting.

    segments, each with blobs, one for each work item
    a table of all blobs: item, first byte, length
    how many blobs there are, 8 bytes

    a blob: how many bins it has, 8 bytes; a table of these; the keys of all,
    uint64; the rows of each, as an Arrow record batch

A bin is a data set in a part of a work item. Numbers are little-endian.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
import dataclasses
from typing import BinaryIO, Literal

import numpy as np
import pyarrow as pa

from ul2_flan.tasks.ragged import Int64s, UInt64s

_NUMBER = np.dtype('<i8')
_KEY = np.dtype('<u8')

# Columns of the tables: of a file, and of a blob.
_OF_FILE = ('item', 'start', 'length')
_OF_BLOB = ('bin', 'rows', 'start', 'length', 'decompressed')

# By a dict: the stubs of Arrow know no list of fields of different types.
_TYPES: dict[str, pa.DataType] = {
  'inputs': pa.large_string(),
  'targets': pa.large_string(),
  'source': pa.int32(),
  'place': pa.int64(),
}
_SCHEMA = pa.schema(_TYPES)
# Fast: the bytes are read once and deleted.
_CODEC: Literal['lz4_raw'] = 'lz4_raw'


@dataclasses.dataclass(slots=True)
class RoutedRows:
  """Rows on their way: n of each.

  Attributes:
    keys: of their texts.
    inputs: texts.
    targets: texts.
    source: which of the sources of the routing work item they are from.
    place: where they stand in it.
  """

  keys: UInt64s
  inputs: list[str]
  targets: list[str]
  source: Int64s
  place: Int64s


class RoutedFileWriter:
  """Gives the bytes of a file, segment by segment."""

  def __init__(self, item_of_bin: Int64s):
    """Begins with nothing.

    Args:
      item_of_bin: the work item of each bin, ascending.
    """
    self._item_of_bin = item_of_bin
    self._table: list[tuple[int, int, int]] = []
    self._at = 0

  def segment(self, bins: Int64s, rows: RoutedRows) -> Iterator[bytes]:
    """Yields the bytes of a segment.

    Args:
      bins: of each row.
      rows: in any order; those of a bin stay in theirs.
    """
    order = np.argsort(bins, kind='stable')
    bins = bins[order]
    keys = rows.keys[order].astype(_KEY)
    table = pa.table(
      [
        pa.array(rows.inputs, pa.large_string()),
        pa.array(rows.targets, pa.large_string()),
        pa.array(rows.source, pa.int32()),
        pa.array(rows.place, pa.int64()),
      ],
      schema=_SCHEMA,
    ).take(order)
    (batch,) = table.combine_chunks().to_batches()
    found, starts = np.unique(bins, return_index=True)
    stops = np.append(starts[1:], len(bins))
    items = self._item_of_bin[found]
    for item in np.unique(items).tolist():
      of_item = np.flatnonzero(items == item).tolist()
      blob = _blob(
        [
          (
            int(found[i]),
            keys[starts[i] : stops[i]],
            batch.slice(starts[i], stops[i] - starts[i]),
          )
          for i in of_item
        ]
      )
      self._table.append((item, self._at, len(blob)))
      self._at += len(blob)
      yield blob

  def end(self) -> bytes:
    """Returns the last bytes of the file."""
    table = np.array(self._table, _NUMBER).reshape(-1, len(_OF_FILE))
    return table.tobytes() + np.array([len(table)], _NUMBER).tobytes()


def _blob(bins: Sequence[tuple[int, UInt64s, pa.RecordBatch]]) -> bytes:
  table = []
  rows = []
  at = 0
  for number, keys, batch in bins:
    plain = batch.serialize()
    data = pa.compress(plain, _CODEC, asbytes=True)
    table.append((number, len(keys), at, len(data), plain.size))
    rows.append(data)
    at += len(data)
  head = np.array([len(table)], _NUMBER).tobytes()
  every_key = (keys.tobytes() for _, keys, _ in bins)
  return b''.join([head, np.array(table, _NUMBER).tobytes(), *every_key, *rows])


def blobs_in(file: BinaryIO) -> dict[int, list[tuple[int, int]]]:
  """Reads a file's table: for each work item its blobs, as [start, stop)."""
  size = file.seek(0, 2)
  file.seek(size - 8)
  (count,) = np.frombuffer(file.read(8), _NUMBER).tolist()
  width = 8 * len(_OF_FILE)
  file.seek(size - 8 - count * width)
  table = np.frombuffer(file.read(count * width), _NUMBER)
  found: dict[int, list[tuple[int, int]]] = {}
  for item, start, length in table.reshape(-1, len(_OF_FILE)).tolist():
    found.setdefault(item, []).append((start, start + length))
  return found


class Blob:
  """The rows of a segment that are for one work item."""

  def __init__(self, read: Callable[[int, int], bytes]):
    """Reads the table.

    Args:
      read: returns the bytes [start, stop) of the blob.
    """
    self._read = read
    (count,) = np.frombuffer(read(0, 8), _NUMBER).tolist()
    at = 8 + 8 * len(_OF_BLOB) * count
    table = np.frombuffer(read(8, at), _NUMBER).reshape(count, -1).tolist()
    first = at + 8 * sum(rows for _, rows, *_ in table)
    # By bin: how many rows, where its keys begin, where its rows lie, and how
    # many bytes these have when they are decompressed.
    self._bins: dict[int, tuple[int, int, int, int, int]] = {}
    for number, rows, start, length, plain in table:
      start += first
      self._bins[number] = rows, at, start, start + length, plain
      at += 8 * rows

  def keys(self, number: int) -> UInt64s:
    """Returns the keys of a bin's rows; none if it has none here."""
    if number not in self._bins:
      return np.zeros(0, np.uint64)
    rows, at, *_ = self._bins[number]
    return np.frombuffer(self._read(at, at + 8 * rows), _KEY).astype(np.uint64)

  def rows(self, number: int) -> pa.RecordBatch | None:
    """Returns a bin's rows, in the order of their keys; None for no row."""
    if number not in self._bins:
      return None
    _, _, start, stop, plain = self._bins[number]
    data = pa.decompress(self._read(start, stop), plain, _CODEC)
    return pa.ipc.read_record_batch(data, _SCHEMA)
