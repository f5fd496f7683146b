"""Examples as bytes: `tf.train.Example` protos in TFRecord frames, and back.

Written without TensorFlow, which a worker would need ten seconds to import,
and a block at a time. The bytes are those that protobuf's deterministic
serialisation and `TFRecordWriter` give: no reader can tell the difference.

An Example is a map from feature names to lists. On the wire:

    example  = 1: features          features = 1: entry, one for each feature
    entry    = 1: name, 2: feature  feature  = 1: bytes list | 3: int64 list
    int64 list = 1: the values' varints, packed      bytes list = 1: each value
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
import functools
import itertools
import struct
from typing import BinaryIO

import google_crc32c
import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged

Bytes = npt.NDArray[np.uint8]

# Three bytes of varint, and a table of ten megabytes at most; the largest
# vocabularies in use have a quarter of a million ids.
_MAX_ID = 1 << 21

# A feature of one example, as it is read.
Feature = Int64s | npt.NDArray[np.float32] | list[bytes]

# A feature of a block: token ids, or one byte string for each example.
Column = Ragged | Sequence[bytes]

_BYTES_LIST, _INT64_LIST = b'\x0a', b'\x1a'  # tags of the kinds of feature

# Bytes of a TFRecord frame before and after the record.
FRAME_HEAD, FRAME_TAIL = 12, 4

_CRC_MASK = 0xA282EAD8  # TFRecord's, so that a CRC of CRCs is not degenerate
_LENGTH = struct.Struct('<Q')
_CRC = struct.Struct('<I')


class CorruptRecordError(ValueError):
  """A TFRecord file's bytes break its own checksums or end too early."""


def encode_examples(columns: Mapping[str, Column]) -> list[bytes]:
  """Serialises a block of examples.

  Args:
    columns: the features, each with the same number n of examples. Token ids
      are non-negative.

  Returns:
    n serialised `tf.train.Example`.
  """
  names = sorted(columns)  # deterministic serialisation sorts the map
  parts = [_entries(name, columns[name]) for name in names]
  examples = []
  for entries in zip(*parts, strict=True):
    pieces = [piece for entry in entries for piece in entry]
    length = sum(map(len, pieces))
    examples.append(b''.join([_example_head(length), *pieces]))
  return examples


@functools.lru_cache(maxsize=1 << 14)
def _example_head(length: int) -> bytes:
  """What stands before the features of an example."""
  return b'\x0a' + _varint(length)


def frame_records(records: Sequence[bytes]) -> bytes:
  """TFRecord frames: length, masked CRC of it, the record, masked CRC of it."""
  parts: list[bytes] = []
  for record in records:
    parts += (_frame_head(len(record)), record, _masked_crc(record))
  return b''.join(parts)


@functools.lru_cache(maxsize=1 << 14)
def _frame_head(length: int) -> bytes:
  """What stands before a record of some length."""
  packed = _LENGTH.pack(length)
  return packed + _masked_crc(packed)


def read_records(file: BinaryIO, where: str) -> Iterator[bytes]:
  """Reads a TFRecord file and checks every CRC.

  Args:
    file: a binary file at its start.
    where: its name, for messages.

  Raises:
    CorruptRecordError: naming the record's number and its offset.
  """
  offset = 0
  index = 0
  while header := file.read(12):
    place = f'{where}: record {index} at byte {offset}'
    if len(header) < 12 or _masked_crc(header[:8]) != header[8:]:
      raise CorruptRecordError(f'{place}: the length is damaged or cut off')
    (length,) = _LENGTH.unpack(header[:8])
    record = file.read(length)
    if len(record) < length or _masked_crc(record) != file.read(4):
      raise CorruptRecordError(f'{place}: the record is damaged or cut off')
    yield record
    offset += 16 + length
    index += 1


def decode_example(
  record: bytes, names: Container[str] | None = None
) -> dict[str, Feature]:
  """Parses a serialised `tf.train.Example`.

  Args:
    names: the features that are wanted; None for all.

  Raises:
    CorruptRecordError: the bytes are not such a proto.
  """
  features: dict[str, Feature] = {}
  try:
    for _, body in _fields(record):
      for _, entry in _fields(body):
        parts = dict(_fields(entry))
        name = bytes(parts[1]).decode()
        if names is not None and name not in names:
          continue
        features[name] = _decode_feature(parts.get(2, memoryview(b'')))
  except (IndexError, KeyError, UnicodeDecodeError, ValueError) as e:
    raise CorruptRecordError(f'not a tf.train.Example: {e!r}') from e
  return features


def _entries(name: str, column: Column) -> list[tuple[bytes, bytes]]:
  """The map entries of one feature: what stands before each value, and it."""
  if isinstance(column, Ragged):
    payload, ends = _varints(column.values)
    bounds = ends[column.offsets].tolist()
    values = [payload[start:stop] for start, stop in itertools.pairwise(bounds)]
    kind = _INT64_LIST
  else:
    values = list(column)
    kind = _BYTES_LIST
  return [(_entry_head(name, kind, len(value)), value) for value in values]


@functools.lru_cache(maxsize=1 << 14)
def _entry_head(name: str, kind: bytes, length: int) -> bytes:
  """All that stands before a value of some length in its map entry.

  There are far more values than lengths, so it is not worked out for each.
  """
  key = name.encode()
  # An empty packed list has no field at all; an empty string is a value.
  packed = length or kind == _BYTES_LIST
  before = b'\x0a' + _varint(length) if packed else b''
  for tag in (kind, b'\x0a' + _varint(len(key)) + key + b'\x12', b'\x0a'):
    # From the inside out: the list, the feature in its entry, the entry.
    before = tag + _varint(len(before) + length) + before
  return before


def _varints(values: Int32s) -> tuple[bytes, Int64s]:
  """Varints of token ids, one after the other.

  Returns:
    the bytes, and int64 [n + 1]: where each id's begin.
  """
  low, high = values.min(initial=0), values.max(initial=0)
  if low < 0 or high >= _MAX_ID:
    raise ValueError(f'token ids are in [0, {_MAX_ID}); found {low} to {high}')
  words, sizes = _varint_table(int(high).bit_length())
  ends = np.zeros(len(values) + 1, np.int64)
  np.cumsum(sizes.take(values), out=ends[1:])
  starts = ends[:-1]
  longest = int(sizes[-1])
  out = np.empty(int(ends[-1]) + longest, np.uint8)
  columns = words.take(values).view(np.uint8).reshape(-1, 4)
  # Byte j goes to start + j for every id, the last byte first: where an id is
  # shorter, what lands on its successors is overwritten by theirs.
  for j in reversed(range(longest)):
    out[j:][starts] = columns[:, j]
  return out[: int(ends[-1])].tobytes(), ends


@functools.cache
def _varint_table(bits: int) -> tuple[npt.NDArray[np.uint32], Bytes]:
  """Varints of ids below 2**bits, as little-endian words, and their sizes."""
  ids = np.arange(1 << bits, dtype=np.uint32)
  words = ids & 0x7F
  sizes = np.ones(len(ids), np.uint8)
  for j in (1, 2):
    longer = ids >= 1 << 7 * j
    words[longer] |= np.uint32(0x80) << np.uint32(8 * (j - 1))
    words |= (ids >> np.uint32(7 * j) & 0x7F) << np.uint32(8 * j)
    sizes += longer
  return words.astype('<u4'), sizes


def _varint(value: int) -> bytes:
  """One varint: seven bits a byte, the lowest first."""
  if value < 0x80:
    return _ONE_BYTE[value]
  out = bytearray()
  while value >= 0x80:
    out.append(value & 0x7F | 0x80)
    value >>= 7
  out.append(value)
  return bytes(out)


_ONE_BYTE = [bytes([i]) for i in range(0x80)]


def _masked_crc(data: bytes) -> bytes:
  crc = google_crc32c.value(data)
  return _CRC.pack(((crc >> 15 | crc << 17) + _CRC_MASK) & 0xFFFFFFFF)


def _fields(body: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
  """The length-delimited fields of a message."""
  view = memoryview(body)
  size = len(view)
  at = 0
  while at < size:
    # Most varints here are one byte, and to call for each doubles the time.
    tag = view[at]
    at += 1
    if tag >= 0x80:
      tag, at = _read_varint(view, at - 1)
    if tag & 7 != 2:
      raise ValueError(f'wire type {tag & 7} at byte {at}')
    length = view[at]
    at += 1
    if length >= 0x80:
      length, at = _read_varint(view, at - 1)
    if at + length > size:
      raise ValueError(f'a field of {length} bytes at byte {at} is cut off')
    yield tag >> 3, view[at : at + length]
    at += length


def _read_varint(view: memoryview, at: int) -> tuple[int, int]:
  value = shift = 0
  while True:
    byte = view[at]
    at += 1
    value |= (byte & 0x7F) << shift
    if byte < 0x80:
      return value, at
    shift += 7


def _decode_feature(feature: memoryview) -> Feature:
  for kind, values in _fields(feature):
    if kind == 1:
      return [bytes(value) for _, value in _fields(values)]
    packed = b''.join(value for _, value in _fields(values))
    if kind == 2:
      return np.frombuffer(packed, '<f4')
    if kind == 3:
      return _unpack_varints(np.frombuffer(packed, np.uint8))
    raise ValueError(f'a feature of kind {kind}')
  return []


def _unpack_varints(data: Bytes) -> Int64s:
  if data.max(initial=0) < 0x80:
    return data.astype(np.int64)
  ends = np.flatnonzero(data < 0x80)
  if len(data) and data[-1] >= 0x80:
    raise ValueError('the last varint of a list is cut off')
  starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
  out = np.zeros(len(ends), np.int64)
  for j in range(int((ends - starts).max(initial=-1)) + 1):
    has = starts + j <= ends
    out[has] |= (data[starts[has] + j] & 0x7F).astype(np.int64) << 7 * j
  return out
