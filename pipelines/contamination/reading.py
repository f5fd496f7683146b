"""Reads what a model trains on: documents of text, or examples.

An example is read as its text was: what denoising took out stands where it was,
and the answer of a task follows the question.
"""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any, Protocol

import numpy as np

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.sources import (
  DocumentBlock,
  Piece,
  Reject,
  SourceOptions,
)
from ul2_flan.pipelines.sources.own_shards import cut, load_frames
from ul2_flan.pipelines.storage import left_out_keys
from ul2_flan.pipelines.storage.left_out_keys import KEY_FEATURE
from ul2_flan.tasks import records, seeding
from ul2_flan.tasks.contamination import Hits, Scanner
from ul2_flan.tasks.contamination.pieces import PieceTable
from ul2_flan.tasks.manifest import Feature, Shard
from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL
from ul2_flan.tasks.records import blocks as record_blocks

# How many examples are decoded together.
_WINDOW = 1024

SOURCE = 'provenance/source'


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
  """Where a text stands.

  Attributes:
    key: by which `--without_keys` leaves it out, as sixteen hexadecimal digits;
      '' if it has none.
    where: a file, and a place in it.
  """

  key: str
  where: str


class Block(Protocol):
  """Texts that are read together."""

  @property
  def rejects(self) -> list[Reject]:
    """Records of the same stretch that hold no text."""

  @property
  def source_bytes(self) -> int:
    """How far the reader has come in its piece."""

  def __len__(self) -> int:
    """Counts the texts."""

  def scan(self, scanner: Scanner, start: int) -> Iterator[Hits]:
    """Looks through the texts, which are numbered from `start`."""

  def place(self, index: int) -> Place:
    """Says where a text stands, by its index in the block."""


@dataclasses.dataclass(frozen=True, slots=True)
class Documents:
  """Documents of text; see `Block`."""

  block: DocumentBlock

  @property
  def rejects(self) -> list[Reject]:
    return self.block.rejects

  @property
  def source_bytes(self) -> int:
    return self.block.source_bytes

  def __len__(self) -> int:
    return len(self.block.texts)

  def scan(self, scanner: Scanner, start: int) -> Iterator[Hits]:
    yield from scanner.scan(self.block.texts, start)

  def key(self, index: int) -> int:
    """Returns the key of a document, as its run makes it."""
    if self.block.ids:
      return seeding.id_key(self.block.ids[index].encode())
    return seeding.content_key(self.block.texts[index].encode())

  def place(self, index: int) -> Place:
    where = f'{self.block.source}:{self.block.places[index]}'
    return Place(f'{self.key(index):016x}', where)


def read_documents(
  piece: Piece,
  options: SourceOptions,
  max_chars: int = 0,
  left_out: UInt64s = left_out_keys.NONE,
) -> Iterator[Documents]:
  """Reads the documents of a piece that their run took.

  Args:
    piece: of a source.
    options: those of the run.
    max_chars: longer documents have no text here; 0 for no limit.
    left_out: uint64 [n], sorted, keys of others that have none.
  """
  for block in sources.read(piece, options):
    made = Documents(block)
    out = [bool(max_chars) and len(text) > max_chars for text in block.texts]
    if len(left_out):
      keys = np.array([made.key(i) for i in range(len(made))], np.uint64)
      out = (left_out_keys.among(keys, left_out) | np.array(out)).tolist()
    block.texts = [
      '' if o else t for o, t in zip(out, block.texts, strict=True)
    ]
    yield made


@dataclasses.dataclass(slots=True)
class Examples:
  """Examples of a shard; see `Block`."""

  frames: list[bytes]
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
    sides = record_blocks.token_varints(
      self.frames, ids, self.path, framed=True
    )
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
  data, offsets = load_frames(piece.path, shard)
  for start in range(0, len(offsets) - 1, _WINDOW):
    bounds = offsets[start : start + _WINDOW + 1]
    frames = cut(data, bounds[:-1], bounds[1:])
    yield Examples(frames, features, table, piece.path, start, int(bounds[-1]))
