"""Token ids as varints, as records hold them.

A varint is a number in groups of seven bits, one a byte, the lowest first; all
bytes but the last have the highest bit set. The varints of a whole column are
computed at once, in NumPy. What only moves ids, such as packing, leaves them as
they are.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools
import itertools
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Bytes, Int32s, Int64s, Ragged, offsets_of
from ul2_flan.tasks.records.frames import CorruptRecordError

# Ids up to here have varints of three bytes at most, and a table of varints of
# ten megabytes at most; the largest vocabularies in use have a quarter of a
# million ids.
MAX_ID = 1 << 21

# About how many ids are encoded at once: a megabyte, which a processor's caches
# hold. It takes half the time that it takes for a million.
_AT_ONCE = 1 << 15

# The longest varint, of 64 bits.
MAX_BYTES = 10

_Int = TypeVar('_Int', np.int32, np.int64)


@dataclasses.dataclass(frozen=True, slots=True)
class Varints:
  r"""`n` sequences of token ids, not decoded.

  Attributes:
    data: the varints of each sequence, one after the other.
    lengths: int64 [n], how many ids each has.

  >>> Varints.of(Ragged.of([[5, 300], [7]])).data
  [b'\x05\xac\x02', b'\x07']
  """

  data: Sequence[bytes]
  lengths: Int64s

  @classmethod
  def of(cls, tokens: Ragged) -> Varints:
    """Encodes sequences of ids in [0, 2**21)."""
    data: list[bytes] = []
    firsts = np.arange(0, len(tokens.values), _AT_ONCE)
    starts = tokens.offsets.searchsorted(firsts).tolist()
    groups = sorted({0, *starts, len(tokens)})
    for start, stop in itertools.pairwise(groups):
      group = tokens.slice(start, stop)
      packed, ends = pack_varints(group.values)
      bounds = itertools.pairwise(ends[group.offsets].tolist())
      data += [packed[first:last] for first, last in bounds]
    return cls(data, tokens.lengths)

  def ragged(self) -> Ragged:
    """Decodes the ids."""
    packed = np.frombuffer(b''.join(self.data), np.uint8)
    return Ragged(unpack_varints(packed, np.int32), offsets_of(self.lengths))

  def __len__(self) -> int:
    return len(self.data)


def pack_varints(values: Int32s) -> tuple[bytes, Int64s]:
  """Encodes token ids as varints, one after the other.

  Args:
    values: int32 [n].

  Returns:
    the bytes, and int64 [n + 1]: where each id's begin, and where all end.
  """
  low, high = values.min(initial=0), values.max(initial=0)
  if low < 0 or high >= MAX_ID:
    raise ValueError(f'token ids are in [0, {MAX_ID}); found {low} to {high}')
  bytes_of, sizes = _varint_table(int(high).bit_length())
  places = values.astype(np.int64)
  its_sizes = sizes.take(places)
  ends = offsets_of(its_sizes)
  starts = ends[:-1]
  out = np.empty(int(ends[-1]) + 1, np.uint8)
  # Few ids have a third byte. A second one is written for every id, before all
  # first ones: where an id has none, this spoils the first byte of the next.
  (three,) = (its_sizes > 2).nonzero()
  out[2:][starts.take(three)] = bytes_of[2].take(places.take(three))
  out[1:][starts] = bytes_of[1].take(places)
  out[starts] = bytes_of[0].take(places)
  return out[: int(ends[-1])].tobytes(), ends


@functools.cache
def _varint_table(bits: int) -> tuple[Bytes, Bytes]:
  """Tabulates the varints of all ids below 2**bits.

  Returns:
    uint8 [3, 2**bits], their bytes, of which those after the last mean nothing;
    and uint8 [2**bits], their sizes in bytes.
  """
  ids = np.arange(1 << bits)
  sizes = 1 + (ids >= 1 << 7) + (ids >= 1 << 14)
  groups = np.stack([ids & 0x7F, ids >> 7 & 0x7F, ids >> 14])
  groups |= np.where(np.arange(1, 4)[:, np.newaxis] < sizes, 0x80, 0)
  return groups.astype(np.uint8), sizes.astype(np.uint8)


def varint(value: int) -> bytes:
  """Encodes one number: seven bits a byte, the lowest first."""
  if value < 0x80:
    return _ONE_BYTE[value]
  out = bytearray()
  while value >= 0x80:
    out.append(value & 0x7F | 0x80)
    value >>= 7
  out.append(value)
  return bytes(out)


_ONE_BYTE = [bytes([i]) for i in range(0x80)]


def unpack_varints(data: Bytes, dtype: type[_Int]) -> npt.NDArray[_Int]:
  """Decodes varints that lie one after the other.

  Negative numbers have ten bytes, and wrap around. What follows the last byte
  below 0x80, as a varint that is cut off, is ignored.

  Args:
    data: uint8, the varints.
    dtype: of the result; int32 is enough for token ids.

  Raises:
    CorruptRecordError: a varint has more than 64 bits.
  """
  ends = np.flatnonzero(data < 0x80)
  if len(ends) == len(data):
    return data.astype(dtype)
  short = _short_varints(data, ends, dtype)
  if short is not None:
    return short
  starts = np.concatenate([[-1], ends[:-1]]).astype(np.int64) + 1
  sizes = ends - starts
  if sizes.max(initial=0) >= MAX_BYTES:
    raise CorruptRecordError('a list has a number of more than 64 bits')
  values = np.zeros(len(ends), dtype)
  # Byte j of every number that has one: seven more bits.
  for j in range(int(sizes.max(initial=-1)) + 1):
    has = sizes >= j
    values[has] |= (data[starts[has] + j] & 0x7F).astype(dtype) << 7 * j
  return values


def _short_varints(
  data: Bytes, ends: Int64s, dtype: type[_Int]
) -> npt.NDArray[_Int] | None:
  """Decodes varints of at most three bytes; returns None if one is longer.

  All token ids are so short. Each is read from its last byte back, without a
  branch, which takes a third of the time.

  Args:
    data: uint8, the varints.
    ends: int64 [n], where the last byte of each is.
    dtype: of the result.
  """
  padded = np.concatenate([np.zeros(3, np.uint8), data])
  third, second, first = (padded[ends + at] for at in range(3))
  # 1 where the byte before is of the same varint.
  has_two = first >> 7
  has_three = has_two & second >> 7
  if (has_three & third >> 7).any():
    return None
  values = data[ends].astype(dtype)
  for has, byte in ((has_two, first), (has_three, second)):
    values <<= 7 * has
    values |= (byte & 0x7F) * has
  return values
