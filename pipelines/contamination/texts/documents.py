"""Reads documents of text, as a run of `ul2` read them."""

from collections.abc import Iterator
import dataclasses

import numpy as np

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.contamination.texts.block import Place
from ul2_flan.pipelines.sources import (
  DocumentBlock,
  Piece,
  Reject,
  SourceOptions,
)
from ul2_flan.pipelines.storage import left_out_keys
from ul2_flan.tasks import seeding
from ul2_flan.tasks.contamination import Hits, Scanner
from ul2_flan.tasks.ragged import UInt64s


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
