"""Frames: records as they lie in a TFRecord file, with length and checksums.

    length (8 bytes) | its CRC (4) | the record | its CRC (4)

A run that does not pack copies frames from its members' shards to its own and
never looks inside one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Int64s, offsets_of
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL, Frames
from ul2_flan.tasks.records import blocks as record_blocks
from ul2_flan.tasks.records.varints import Varints

# How many examples are decoded together.
_WINDOW = 4096

# What crosses the engine: n places within a split (int64), n sizes (int64), and
# n frames, each as bytes. Beam writes a tuple of bytes without pickling it.
FrameBlock: TypeAlias = tuple[bytes, bytes, bytes]


def with_features(
  frames: Frames, has: Mapping[str, bool], wanted: Mapping[str, bool], path: str
) -> Frames:
  """Writes the frames of a shard anew, with other text features.

  Args:
    frames: of the shard.
    has: the features that its examples have, and whether each has token ids.
    wanted: the same of those that they are to have. Text that they lack is
      empty; all token ids must be there.
    path: of the shard, for errors.

  Returns:
    the frames as they are wanted.
  """
  made: list[bytes] = []
  ids, texts = (
    [name for name, is_ids in wanted.items() if is_ids is of_ids]
    for of_ids in (True, False)
  )
  for start in range(0, len(frames), _WINDOW):
    window = frames.slice(start, start + _WINDOW)
    tokens = record_blocks.token_varints(
      window, dict(sorted(has.items())), path
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
    made += records.encode_examples(columns)
  return Frames.of(made)


def make_block(parts: Sequence[tuple[Int64s, Frames]]) -> FrameBlock:
  """Joins the places and the frames of some examples to a block."""
  places, frames = zip(*parts, strict=True)
  return (
    np.concatenate(places).tobytes(),
    np.concatenate([part.sizes for part in frames]).tobytes(),
    b''.join([part.data for part in frames]),
  )


def places_of(blocks: Iterable[FrameBlock]) -> Int64s:
  """Returns the places of the frames of blocks, in the order of `Gathered`."""
  return np.frombuffer(b''.join(block[0] for block in blocks), np.int64)


class Gathered:
  """The n frames of one block or more, numbered through."""

  def __init__(self, blocks: Sequence[FrameBlock]):
    sizes = [np.frombuffer(sizes, np.int64) for _, sizes, _ in blocks]
    self._data = [data for _, _, data in blocks]
    # Of each frame: the block that it is in, and where it is in that.
    self._block = np.repeat(np.arange(len(blocks)), list(map(len, sizes)))
    offsets = list(map(offsets_of, sizes))
    self._starts, self._stops = (
      np.concatenate([of_block[part] for of_block in offsets])
      for part in (slice(-1), slice(1, None))
    )

  @property
  def sizes(self) -> Int64s:
    """Bytes of each frame: int64 [n]."""
    return self._stops - self._starts

  def __len__(self) -> int:
    return len(self._block)

  def take(self, numbers: Int64s) -> Frames:
    """Copies the frames with these numbers, int64 [m], in this order."""
    block, starts, stops = (
      of_all[numbers] for of_all in (self._block, self._starts, self._stops)
    )
    bounds = zip(block.tolist(), starts.tolist(), stops.tolist(), strict=True)
    data = self._data
    return Frames(
      b''.join([data[k][start:stop] for k, start, stop in bounds]),
      offsets_of(stops - starts),
    )
