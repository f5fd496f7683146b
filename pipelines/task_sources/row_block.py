"""What readers of tasks take (options) and what they give (blocks of rows)."""

from collections.abc import Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks.ragged import UInt64s

# Rows read together: enough that a block's fixed costs vanish.
BLOCK_ROWS = 1000

# The bytes of a piece of a file that can be cut. One worker reads a piece.
PIECE_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class ReadOptions:
  """How a user wants the sources of tasks to be read.

  Attributes:
    promptsource: folder of promptsource's templates, or '' for none.
    block_rows: see `BLOCK_ROWS`; no result depends on it.
    piece_bytes: see `PIECE_BYTES`; no row depends on it.
  """

  promptsource: str = ''
  block_rows: int = BLOCK_ROWS
  piece_bytes: int = PIECE_BYTES


@dataclasses.dataclass(slots=True)
class RowBlock:
  """Raw rows of a task, read together.

  Attributes:
    source: path of the file.
    rows: the fields of each row: text, numbers, lists and dicts, named as in
      the file.
    keys: uint64 [n], `seeding.content_key` of the fields that identify each
      row: the same row has the same key whatever file or format it is read
      from.
    places: where each row stands in the file: for JSON lines the byte offset of
      its line, otherwise its number, from 0.
    rejects: rows of the same stretch of the file that could not be read.
    source_bytes: how far the reader has come in its piece, in bytes as stored.
  """

  source: str
  rows: list[Mapping[str, Any]] = dataclasses.field(default_factory=list)
  keys: UInt64s = dataclasses.field(
    default_factory=lambda: np.zeros(0, np.uint64)
  )
  places: list[int] = dataclasses.field(default_factory=list)
  rejects: list[Reject] = dataclasses.field(default_factory=list)
  source_bytes: int = 0

  def __len__(self) -> int:
    return len(self.rows)
