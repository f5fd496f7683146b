"""Reads examples, as their texts were.

What denoising took out stands where it was, and the answer of a task follows
the question.
"""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.contamination.texts.block import Place
from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.sources.own_shards import load_frames
from ul2_flan.pipelines.storage.left_out_keys import KEY_FEATURE
from ul2_flan.tasks import records
from ul2_flan.tasks.contamination import Hits, Scanner
from ul2_flan.tasks.contamination.pieces import PieceTable
from ul2_flan.tasks.manifest import Feature, Shard
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL, Frames
from ul2_flan.tasks.records import blocks as record_blocks

# How many examples are decoded together.
_WINDOW = 1024

SOURCE = 'provenance/source'


@dataclasses.dataclass(slots=True)
class Examples:
  """Examples of a shard; see `Block`."""

  frames: Frames
  features: Mapping[str, Feature]
  table: PieceTable
  path: str
  first: int
  source_bytes: int
  rejects: list[Reject] = dataclasses.field(default_factory=list)

  def __len__(self) -> int:
    return len(self.frames)

  def scan(self, scanner: Scanner, start: int) -> Iterator[Hits]:
    ids = {
      name: feature.dtype == 'int32'
      for name, feature in sorted(self.features.items())
    }
    sides = record_blocks.token_varints(self.frames, ids, self.path)
    characters = self.table.characters_of(
      sides['inputs'].ragged(), sides['targets'].ragged()
    )
    numbers = np.arange(start, start + len(self.frames))
    yield from scanner.scan_characters(characters, numbers)

  def place(self, index: int) -> Place:
    record = self.frames[index][FRAME_HEAD:-FRAME_TAIL]
    known: dict[str, Any] = records.decode_example(
      record, {KEY_FEATURE, SOURCE}
    )
    where = f'{self.path}:{self.first + index}'
    if SOURCE in known:
      where = bytes(known[SOURCE][0]).decode(errors='replace')
    key = bytes(known[KEY_FEATURE][0]).decode() if KEY_FEATURE in known else ''
    return Place(key, where)


def read_examples(
  piece: Piece, shard: Shard, features: Mapping[str, Feature], table: PieceTable
) -> Iterator[Examples]:
  """Reads the examples of a shard.

  Raises:
    UserError: it is not as its run wrote it.
  """
  frames = load_frames(piece.path, shard)
  for start in range(0, len(frames), _WINDOW):
    window = frames.slice(start, start + _WINDOW)
    read = int(window.offsets[-1])
    yield Examples(window, features, table, piece.path, start, read)
