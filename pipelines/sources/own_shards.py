"""Reads the shards of finished runs: their frames, whole.

length (8 bytes) | its CRC (4) | the record | its CRC (4)
"""

import struct

import google_crc32c
import numpy as np

from ul2_flan.pipelines.sources import pointers
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Shard
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL, Frames

_LENGTH = struct.Struct('<Q')


def load_frames(path: str, shard: Shard) -> Frames:
  """Reads a shard, and checks it against its run's manifest.

  Raises:
    UserError: the file is not the one that the manifest describes.
  """
  data = files.read_bytes(path)
  if f'{google_crc32c.value(data):08x}' != shard.crc32c:
    why = '`python -m ul2_flan.pipelines.verify` on that run says what is wrong'
    why = pointers.of(data) or why
    raise UserError(f'{path} is not as its run wrote it; {why}')
  around = FRAME_HEAD + FRAME_TAIL
  offsets = [0]
  at = 0
  while at < len(data):
    at += _LENGTH.unpack_from(data, at)[0] + around
    offsets.append(at)
  return Frames(data, np.array(offsets, np.int64))
