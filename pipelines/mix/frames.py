"""Frames: records as they lie in a TFRecord file, with length and checksums.

    length (8 bytes) | its CRC (4) | the record | its CRC (4)

A run that does not pack copies frames from its members' shards to its own and
never looks inside one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ul2_flan.pipelines.sources.own_shards import cut
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Int64s, offsets_of
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL
from ul2_flan.tasks.records import blocks as record_blocks
from ul2_flan.tasks.records.varints import Varints

# How many examples are decoded together.
_WINDOW = 4096

# What crosses the engine: n places within a split (int64), n sizes (int64), and
# n frames, each as bytes. Beam writes a tuple of bytes without pickling it.
FrameBlock: TypeAlias = tuple[bytes, bytes, bytes]


def with_features(
  data: bytes,
  offsets: Int64s,
  has: Mapping[str, bool],
  wanted: Mapping[str, bool],
  path: str,
) -> tuple[bytes, Int64s]:
  """Writes the frames of a shard anew, with other text features.

  Args:
    data: the shard's bytes.
    offsets: int64 [records + 1], where each frame begins.
    has: the features that its examples have, and whether each has token ids.
    wanted: the same of those that they are to have. Text that they lack is
      empty; all token ids must be there.
    path: of the shard, for errors.

  Returns:
    the same two of the frames as they are wanted.
  """
  made: list[bytes] = []
  frames = cut(data, offsets[:-1], offsets[1:])
  ids, texts = (
    [name for name, is_ids in wanted.items() if is_ids is of_ids]
    for of_ids in (True, False)
  )
  for start in range(0, len(frames), _WINDOW):
    window = frames[start : start + _WINDOW]
    tokens = record_blocks.token_varints(
      window, dict(sorted(has.items())), path, framed=True
    )
    columns: dict[str, records.Column | Varints]
    columns = {name: tokens[name] for name in ids}
    if kept := has.keys() & texts:
      rows = [
        records.decode_example(frame[FRAME_HEAD:-FRAME_TAIL], kept)
        for frame in window
      ]
      columns |= {name: [bytes(row[name][0]) for row in rows] for name in kept}
    columns |= {name: [b''] * len(window) for name in texts if name not in kept}
    made += [
      records.frame_records([example])
      for example in records.encode_examples(columns)
    ]
  sizes = np.array([len(frame) for frame in made], np.int64)
  return b''.join(made), offsets_of(sizes)


def make_block(parts: Sequence[tuple[Int64s, Int64s, bytes]]) -> FrameBlock:
  """Joins the places, sizes and bytes of some frames to a block."""
  places, sizes, data = zip(*parts, strict=True)
  return (
    np.concatenate(places).tobytes(),
    np.concatenate(sizes).tobytes(),
    b''.join(data),
  )


def places_of(blocks: Iterable[FrameBlock]) -> Int64s:
  """Returns the places of the frames of blocks, in the order of `frames_of`."""
  return np.frombuffer(b''.join(block[0] for block in blocks), np.int64)


def frames_of(blocks: Iterable[FrameBlock]) -> list[bytes]:
  """Takes the frames out of blocks."""
  frames: list[bytes] = []
  for _, sizes, data in blocks:
    offsets = offsets_of(np.frombuffer(sizes, np.int64))
    frames += cut(data, offsets[:-1], offsets[1:])
  return frames
