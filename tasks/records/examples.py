"""`tf.train.Example` protos: encoding blocks of them, and decoding them.

An Example is a map from feature names to lists. On the wire it is nested
messages, each field a tag, a length and the field's bytes:

    example  = 1: features          features = 1: entry, one for each feature
    entry    = 1: name, 2: feature  feature  = 1: bytes list | 3: int64 list
    int64 list = 1: the values' varints, packed      bytes list = 1: each value

The tag of field k is the byte 8 k + 2, as all are length-delimited (wire type
2). Encoding works on a block at a time: the varints of a whole column are
computed in NumPy, then sliced into values.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
import functools

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Int64s, Ragged
from ul2_flan.tasks.records.frames import CorruptRecordError
from ul2_flan.tasks.records.varints import (
  MAX_BYTES,
  Varints,
  unpack_varints,
  varint,
)

# A feature of one example, as it is read.
Feature = Int64s | npt.NDArray[np.float32] | list[bytes]

# A feature of a block: token ids, or one byte string for each example.
Column = Ragged | Sequence[bytes]

_BYTES_LIST, _INT64_LIST = b'\x0a', b'\x1a'  # tags of fields 1 and 3


def encode_examples(columns: Mapping[str, Column | Varints]) -> list[bytes]:
  """Serialises a block of examples.

  Args:
    columns: the features, each with the values of the same n examples. Token
      ids are in [0, 2**21).

  Returns:
    n serialised `tf.train.Example`, each with its features sorted by name.

  Raises:
    ValueError: a token id is out of range, or columns differ in length.

  >>> encode_examples({'a': Ragged.of([[5]])})[0].hex(' ')
  '0a 0c 0a 0a 0a 01 61 12 05 1a 03 0a 01 05'
  """
  # Deterministic serialisation sorts the map.
  parts = [
    part for name in sorted(columns) for part in _entries(name, columns[name])
  ]
  bodies = map(b''.join, zip(*parts, strict=True))
  return [_example_head(len(body)) + body for body in bodies]


# Lengths repeat from example to example, so each head is made once.
@functools.lru_cache(maxsize=1 << 14)
def _example_head(length: int) -> bytes:
  """Returns what stands before the features of an example."""
  return b'\x0a' + varint(length)


def decode_example(
  record: bytes, names: Container[str] | None = None
) -> dict[str, Feature]:
  """Parses a serialised `tf.train.Example`.

  Args:
    record: the example, as any program may have written it.
    names: the features to decode; None for all.

  Returns:
    int64 [values], float32 [values] or a list of byte strings for each feature.

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


def _entries(
  name: str, column: Column | Varints
) -> tuple[list[bytes], Sequence[bytes]]:
  """Returns a feature's values, after what stands before each in its entry."""
  if isinstance(column, Ragged):
    column = Varints.of(column)
  if isinstance(column, Varints):
    values, kind = column.data, _INT64_LIST
  else:
    values, kind = column, _BYTES_LIST
  return list(map(_entry_heads(name, kind), map(len, values))), values


# A function of the length alone, because a cache looks up three things together
# in four times as long.
@functools.lru_cache(maxsize=64)
def _entry_heads(name: str, kind: bytes) -> Callable[[int], bytes]:
  """Returns what tells all that stands before a value in its map entry."""
  key = name.encode()

  @functools.lru_cache(maxsize=1 << 12)
  def head(length: int) -> bytes:
    # An empty packed list has no field at all; an empty string is a value.
    packed = length or kind == _BYTES_LIST
    before = b'\x0a' + varint(length) if packed else b''
    # From the inside out: the list, the feature in its entry, the entry.
    for tag in (kind, b'\x0a' + varint(len(key)) + key + b'\x12', b'\x0a'):
      before = tag + varint(len(before) + length) + before
    return before

  return head


def _fields(body: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
  """Yields the number and the bytes of each field of a message.

  Raises:
    ValueError: a field is not length-delimited, or is cut off.
    IndexError: a tag or a length is cut off.
  """
  view = memoryview(body)
  size = len(view)
  at = 0
  while at < size:
    # Most of these varints are one byte; a call for each doubles the time.
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
  """Reads the varint at a place; returns its value and where it ends."""
  value = 0
  for i in range(MAX_BYTES):
    byte = view[at + i]
    value |= (byte & 0x7F) << 7 * i
    if byte < 0x80:
      return value, at + i + 1
  raise ValueError(f'a number of more than 64 bits at byte {at}')


def _decode_feature(feature: memoryview) -> Feature:
  # The kinds of a feature are 1: bytes, 2: float, 3: int64.
  for kind, values in _fields(feature):
    if kind == 1:
      return [bytes(value) for _, value in _fields(values)]
    packed = b''.join(value for _, value in _fields(values))
    if kind == 2:
      return np.frombuffer(packed, '<f4')
    if kind == 3 and packed[-1:] < b'\x80':
      return unpack_varints(np.frombuffer(packed, np.uint8), np.int64)
    if kind == 3:
      raise ValueError('the last varint of a list is cut off')
    raise ValueError(f'a feature of kind {kind}')
  return []
