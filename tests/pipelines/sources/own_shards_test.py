"""Shards of finished runs give the frames that were written."""

from pathlib import Path

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.sources import own_shards
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
  assert list(own_shards.load_frames(str(path), shard)) == expected


@pytest.mark.parametrize('at', [0, 9, 15, -1])
def test_a_shard_with_another_byte_is_refused(tmp_path, at):
  path = tmp_path / 'shard'
  data = records.frame_records([b'record', b'another'])
  shard = shard_of(path, data)
  changed = bytearray(data)
  changed[at] ^= 1
  path.write_bytes(bytes(changed))
  with pytest.raises(UserError, match='not as its run wrote it'):
    own_shards.load_frames(str(path), shard)
