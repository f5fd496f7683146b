"""What readers of tasks take and give."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks.ragged import UInt64s

# Rows read together: enough that a block's fixed costs vanish.
BLOCK_ROWS = 1000

# Of a file that can be cut, the bytes of a part that one worker reads.
PIECE_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class ReadOptions:
  """What a user says of the sources of tasks.

  Attributes:
    promptsource: folder of promptsource's templates, or '' for none.
    block_rows: see `BLOCK_ROWS`; no result depends on it.
    piece_bytes: see `PIECE_BYTES`; no record depends on it.
  """

  promptsource: str = ''
  block_rows: int = BLOCK_ROWS
  piece_bytes: int = PIECE_BYTES


@dataclasses.dataclass(slots=True)
class RowBlock:
  """Raw records of a task, read together: what `rendering.prepare` takes.

  Attributes:
    source: path of the file.
    records: text, numbers, lists and dicts, as the catalog maps them.
    keys: uint64 [n], `seeding.content_key` of what makes each record itself:
      the same record has the same key from whatever file or format.
    places: where each stands in the file: of JSON lines the byte offset of its
      line, else its row number, from 0.
    rejects: records of the same stretch that could not be read.
    source_bytes: how far the reader has come in its piece, in the file's bytes.
  """

  source: str
  records: list[Mapping[str, Any]] = dataclasses.field(default_factory=list)
  keys: UInt64s = dataclasses.field(
    default_factory=lambda: np.zeros(0, np.uint64)
  )
  places: list[int] = dataclasses.field(default_factory=list)
  rejects: list[Reject] = dataclasses.field(default_factory=list)
  source_bytes: int = 0

  def __len__(self) -> int:
    return len(self.records)
