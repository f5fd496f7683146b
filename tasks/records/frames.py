"""TFRecord framing: the bytes around each record of a file.

A TFRecord file is a sequence of frames. All numbers are little-endian:

    uint64  length       of the record, in bytes
    uint32  masked CRC   of those eight bytes
    bytes   the record
    uint32  masked CRC   of the record

The CRC is CRC-32C. The mask, (crc >> 15 | crc << 17) + 0xA282EAD8 modulo 2**32,
is TensorFlow's: the plain CRC of bytes that hold their own CRC is the same
whatever else they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import functools
import itertools
import struct
from typing import Any, BinaryIO

import google_crc32c
import numpy as np

from ul2_flan.tasks.ragged import Int64s, offsets_of

# Bytes of a frame before the record and behind it.
FRAME_HEAD, FRAME_TAIL = 12, 4

_CRC_MASK = 0xA282EAD8
_LENGTH = struct.Struct('<Q')
_CRC = struct.Struct('<I')


# Longer records are not read, unless the reader has a limit of its own.
MAX_RECORD_BYTES = 256 << 20

# Bytes that are passed over at a time, of a record that is too long.
_SKIPPED_BYTES = 1 << 20


class LongRecord(int):
  """Stands for a record that is not read: how many bytes it has."""


class CorruptRecordError(ValueError):
  """The bytes of a TFRecord file or of an example are damaged or end early."""


@dataclasses.dataclass(frozen=True, slots=True)
class Frames:
  """`n` frames that lie one after the other, as in a file.

  Attributes:
    data: bytes, the frames among them.
    offsets: int64 [n + 1], where each begins in the data, and where all end.

  >>> frames = Frames(b'-abccc-', np.array([1, 2, 3, 6]))
  >>> len(frames), frames[2], list(frames.slice(0, 2))
  (3, b'ccc', [b'a', b'b'])
  >>> frames.take(np.array([2, 0])).data
  b'ccca'
  """

  data: bytes
  offsets: Int64s

  @classmethod
  def of(cls, records: Sequence[bytes]) -> Frames:
    """Puts each record into a frame."""
    lengths = np.array([len(record) for record in records], np.int64)
    sizes = lengths + (FRAME_HEAD + FRAME_TAIL)
    return cls(frame_records(records), offsets_of(sizes))

  @property
  def sizes(self) -> Int64s:
    """Bytes of each frame: int64 [n]."""
    return np.diff(self.offsets)

  def slice(self, start: int, stop: int) -> Frames:
    """Returns the frames `start <= i < stop`, without copying them."""
    return Frames(self.data, self.offsets[start : stop + 1])

  def take(self, indices: Int64s) -> Frames:
    """Copies the frames with these indices, int64 [m], in this order."""
    starts, stops = self.offsets[indices], self.offsets[indices + 1]
    bounds = zip(starts.tolist(), stops.tolist(), strict=True)
    return Frames(
      b''.join([self.data[start:stop] for start, stop in bounds]),
      offsets_of(stops - starts),
    )

  def __len__(self) -> int:
    return len(self.offsets) - 1

  def __getitem__(self, index: int) -> bytes:
    return self.data[self.offsets[index] : self.offsets[index + 1]]

  def __iter__(self) -> Iterator[bytes]:
    for start, stop in itertools.pairwise(self.offsets.tolist()):
      yield self.data[start:stop]


def frame_records(records: Sequence[bytes]) -> bytes:
  """Puts each record into a frame.

  Returns:
    the frames, one after the other; several such results may be joined.

  >>> len(frame_records([b'abc'])) == FRAME_HEAD + 3 + FRAME_TAIL
  True
  """
  heads = map(_frame_head, map(len, records))
  # The CRCs of all records are masked at once.
  crcs = np.fromiter(map(google_crc32c.value, records), np.uint64, len(records))
  tails = _mask(crcs).astype('<u4').view('V4').tolist()
  return b''.join(
    itertools.chain.from_iterable(zip(heads, records, tails, strict=True))
  )


# Lengths repeat from record to record, so each checksum is computed once.
@functools.lru_cache(maxsize=1 << 14)
def _frame_head(length: int) -> bytes:
  """Returns what stands before a record of some length."""
  packed = _LENGTH.pack(length)
  return packed + _masked_crc(packed)


def read_records(
  file: BinaryIO, where: str, limit: int = MAX_RECORD_BYTES
) -> Iterator[bytes | LongRecord]:
  """Reads the records of a TFRecord file and checks every CRC.

  A file that ends between two frames is whole, as far as frames can tell.

  Args:
    file: a binary file at its start.
    where: its name, for messages.
    limit: the most bytes of a record. For a longer one comes a `LongRecord`; it
      is passed over, and its CRC is not checked.

  Raises:
    CorruptRecordError: naming the record's number and its offset in bytes.
  """
  offset = 0
  index = 0
  while head := file.read(FRAME_HEAD):
    place = f'{where}: record {index} at byte {offset}'
    if not is_frame_head(head):
      raise CorruptRecordError(f'{place}: the length is damaged or cut off')
    (length,) = _LENGTH.unpack(head[:8])
    record = file.read(length) if length <= limit else LongRecord(length)
    if not _is_whole(record, file):
      raise CorruptRecordError(f'{place}: the record is damaged or cut off')
    yield record
    offset += FRAME_HEAD + length + FRAME_TAIL
    index += 1


def is_frame_head(data: bytes) -> bool:
  """Returns whether a frame begins so; a checksum tells it from chance.

  Args:
    data: the first bytes of a file, `FRAME_HEAD` or more.
  """
  crc = data[_LENGTH.size : FRAME_HEAD]
  return _masked_crc(data[: _LENGTH.size]) == crc


def _is_whole(record: bytes | LongRecord, file: BinaryIO) -> bool:
  """Reads to the end of a record's frame; returns whether all is there."""
  if not isinstance(record, LongRecord):
    # A record that is cut off has no CRC behind it.
    return _masked_crc(record) == file.read(FRAME_TAIL)
  left = record + FRAME_TAIL
  while left > 0 and (data := file.read(min(left, _SKIPPED_BYTES))):
    left -= len(data)
  return not left


def _masked_crc(data: bytes) -> bytes:
  return _CRC.pack(_mask(google_crc32c.value(data)))


def _mask(crc: Any) -> Any:
  """Masks a CRC, or each of an array of uint64."""
  return ((crc >> 15 | crc << 17) + _CRC_MASK) & 0xFFFFFFFF
