"""Frames are TensorFlow's, give the records back, and show any damage."""

import collections
import contextlib
import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.records.frames import (
  FRAME_HEAD,
  FRAME_TAIL,
  CorruptRecordError,
  Frames,
  LongRecord,
  _frame_head,
  frame_records,
  read_records,
)


@given(st.lists(st.binary(max_size=400), max_size=5))
def test_reading_inverts_framing(records: list[bytes]):
  file = io.BytesIO(frame_records(records))
  assert list(read_records(file, 'x')) == records


def test_frames_are_tensorflows(tmp_path: Path):
  import tensorflow as tf

  rng = np.random.default_rng(0)
  records = [rng.bytes(n) for n in (0, 1, 7, 300, 70_000)]
  path = tmp_path / 'a.tfrecord'
  with tf.io.TFRecordWriter(str(path)) as writer:
    for record in records:
      writer.write(record)
  assert frame_records(records) == path.read_bytes()


RECORDS = [b'', b'first', b'the second']
FILE = frame_records(RECORDS)
STARTS = [0, 16, 37, len(FILE)]


def record_at(place: int) -> int:
  """The record that a byte belongs to."""
  return sum(start <= place for start in STARTS) - 1


def read_until_damage(data: bytes) -> tuple[list[bytes | LongRecord], str]:
  """The records before the damage, and the message about it."""
  records: list[bytes | LongRecord] = []
  reader = read_records(io.BytesIO(data), 'part-3')
  with pytest.raises(CorruptRecordError) as error:
    collections.deque(map(records.append, reader), maxlen=0)
  return records, str(error.value)


@pytest.mark.parametrize('place', range(len(FILE)))
def test_every_flipped_bit_is_found(place: int):
  index = record_at(place)
  for bit in range(8):
    damaged = bytearray(FILE)
    damaged[place] ^= 1 << bit
    records, message = read_until_damage(bytes(damaged))
    assert records == RECORDS[:index]
    assert message.startswith(f'part-3: record {index} at byte {STARTS[index]}')


@pytest.mark.parametrize('size', range(len(FILE)))
def test_every_truncation_inside_a_record_is_found(size: int):
  if size in STARTS:
    # Between records nothing shows it: the manifest's CRC of the shard does.
    whole = list(read_records(io.BytesIO(FILE[:size]), 'part-3'))
    assert whole == RECORDS[: STARTS.index(size)]
  else:
    _, message = read_until_damage(FILE[:size])
    assert f'record {record_at(size)} at byte' in message
    assert 'cut off' in message


@given(st.binary(min_size=1, max_size=60))
def test_other_bytes_raise_no_other_error(data: bytes):
  # A reader catches this one alone.
  with contextlib.suppress(CorruptRecordError):
    list(read_records(io.BytesIO(data), 'x'))


@given(st.lists(st.binary(max_size=9), max_size=5), st.integers(0, 9))
def test_a_record_over_the_limit_is_passed_over(
  records: list[bytes], limit: int
):
  file = io.BytesIO(frame_records(records))
  assert list(read_records(file, 'x', limit)) == [
    record if len(record) <= limit else LongRecord(len(record))
    for record in records
  ]


@pytest.mark.parametrize('length', [2**28 + 1, 2**60, 2**63, 2**64 - 1])
def test_an_absurd_length_is_damage(length: int):
  records, message = read_until_damage(FILE + _frame_head(length) + b'few')
  assert records == RECORDS
  assert 'record 3 at byte' in message
  assert 'cut off' in message


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(0, 5))
def test_frames_can_be_joined_and_have_a_fixed_overhead(
  records: list[bytes], first: int
):
  whole = frame_records(records)
  assert whole == frame_records(records[:first]) + frame_records(
    records[first:]
  )
  overhead = (FRAME_HEAD + FRAME_TAIL) * len(records)
  assert len(whole) == sum(map(len, records)) + overhead


@given(st.lists(st.binary(max_size=9), max_size=5), st.data())
def test_some_frames_are_those_of_their_records(
  some: list[bytes], data: st.DataObject
):
  frames = Frames.of(some)
  assert frames.data == frame_records(some)
  assert list(frames) == [frame_records([record]) for record in some]
  bounds = st.integers(0, len(some))
  start, stop = sorted((data.draw(bounds), data.draw(bounds)))
  part = frames.slice(start, stop)
  assert list(part) == list(frames)[start:stop]
  assert [part[i] for i in range(len(part))] == list(part)
  order = data.draw(st.permutations(range(len(part))))
  taken = part.take(np.array(order, np.int64))
  assert taken.data == frame_records([some[start + i] for i in order])
  assert taken.sizes.tolist() == [len(frame) for frame in taken]
