"""Decodes varints by the thousand: seven bits a byte, the lowest first."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Bytes, Int64s
from ul2_flan.tasks.records.frames import CorruptRecordError

# The longest varint, of 64 bits.
MAX_BYTES = 10

_Int = TypeVar('_Int', np.int32, np.int64)


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
