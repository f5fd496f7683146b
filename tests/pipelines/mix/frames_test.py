"""Frames come out as they went in."""

from pathlib import Path

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.mix import frames
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Shard

RECORDS = st.lists(st.binary(max_size=20), max_size=12)


def shard_of(path: Path, data: bytes) -> Shard:
  path.write_bytes(data)
  return Shard(path.name, 0, len(data), f'{google_crc32c.value(data):08x}')


@given(RECORDS)
def test_a_shard_is_divided_into_the_frames_that_were_written(
  tmp_path_factory, some
):
  path = tmp_path_factory.getbasetemp() / 'frames'
  expected = [records.frame_records([record]) for record in some]
  shard = shard_of(path, b''.join(expected))
  data, offsets = frames.load_frames(str(path), shard)
  assert offsets.dtype == np.int64
  assert frames.cut(data, offsets[:-1], offsets[1:]) == expected


@pytest.mark.parametrize('at', [0, 9, 15, -1])
def test_a_shard_with_another_byte_is_refused(tmp_path, at):
  path = tmp_path / 'shard'
  data = records.frame_records([b'record', b'another'])
  shard = shard_of(path, data)
  changed = bytearray(data)
  changed[at] ^= 1
  path.write_bytes(bytes(changed))
  with pytest.raises(UserError, match='not as its run wrote it'):
    frames.load_frames(str(path), shard)


@given(st.lists(RECORDS.filter(bool), min_size=1, max_size=5))
def test_blocks_hold_frames_and_places(parts):
  start, made = 0, []
  for part in parts:
    places = np.arange(start, start + len(part))
    sizes = np.array([len(frame) for frame in part])
    made.append((places, sizes, b''.join(part)))
    start += len(part)
  expected = [frame for part in parts for frame in part]
  # One block of all parts, or one of each.
  for blocks in (
    [frames.make_block(made)],
    [frames.make_block([part]) for part in made],
  ):
    assert frames.frames_of(blocks) == expected
    assert frames.places_of(blocks).tolist() == list(range(start))
