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
from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL

_LENGTH = struct.Struct('<Q')


def load_frames(path: str, shard: Shard) -> tuple[bytes, Int64s]:
  """Reads a shard, and checks it against its run's manifest.

  Returns:
    all of the file, and int64 [records + 1], where each frame begins.

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
  return data, np.array(offsets, np.int64)


def cut(data: bytes, starts: Int64s, stops: Int64s) -> list[bytes]:
  """Cuts stretches out of bytes.

  >>> cut(b'abcdef', np.array([4, 0]), np.array([6, 1]))
  [b'ef', b'a']
  """
  bounds = zip(starts.tolist(), stops.tolist(), strict=True)
  return [data[start:stop] for start, stop in bounds]
