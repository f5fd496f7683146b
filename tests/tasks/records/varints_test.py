"""Varints of any length are decoded, those of token ids in a quicker way.

So are sequences of them.
"""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.frames import CorruptRecordError
from ul2_flan.tasks.records.varints import (
  MAX_ID,
  Varints,
  pack_varints,
  unpack_varints,
  varint,
)

# About as often at each length as at any other.
NUMBERS = st.integers(0, 62).flatmap(lambda bits: st.integers(0, 1 << bits))
IDS = st.integers(1, 21).flatmap(lambda bits: st.integers(0, (1 << bits) - 1))


def packed(numbers: list[int]) -> np.ndarray:
  out = bytearray()
  for number in numbers:
    while number >= 0x80:
      out.append(number & 0x7F | 0x80)
      number >>= 7
    out.append(number)
  return np.frombuffer(bytes(out), np.uint8)


@given(st.lists(NUMBERS) | st.lists(IDS))
def test_numbers_come_back(numbers: list[int]):
  assert unpack_varints(packed(numbers), np.int64).tolist() == numbers


@given(st.lists(IDS), st.integers(0, 3))
def test_ids_come_back_and_one_that_is_cut_off_does_not(ids, more: int):
  data = np.concatenate([packed(ids), np.full(more, 0x80, np.uint8)])
  found = unpack_varints(data, np.int32)
  assert found.dtype == np.int32
  assert found.tolist() == ids


def test_more_than_64_bits_are_refused():
  data = np.array([0xFF] * 10 + [0x01], np.uint8)
  with pytest.raises(CorruptRecordError, match='more than 64 bits'):
    unpack_varints(data, np.int64)


@given(st.lists(st.lists(IDS, max_size=30), max_size=5), st.integers(1, 40))
def test_sequences_come_back(rows, at_once: int):
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr('ul2_flan.tasks.records.varints._AT_ONCE', at_once)
    varints = Varints.of(Ragged.of(rows))
  assert len(varints) == len(rows)
  assert list(varints.data) == [b''.join(map(varint, row)) for row in rows]
  back = varints.ragged()
  assert [ids.tolist() for ids in back] == rows
  assert back.values.dtype == np.int32


@given(st.lists(IDS))
def test_all_ids_are_encoded_at_once(ids):
  packed, ends = pack_varints(np.array(ids, np.int32))
  assert unpack_varints(np.frombuffer(packed, np.uint8), np.int32).tolist() == (
    ids
  )
  assert np.diff(ends).tolist() == [len(varint(i)) for i in ids]


@pytest.mark.parametrize('wrong', [-1, MAX_ID])
def test_other_numbers_are_no_ids(wrong):
  with pytest.raises(ValueError, match=f'found .*{wrong}'):
    pack_varints(np.array([5, wrong], np.int32))
