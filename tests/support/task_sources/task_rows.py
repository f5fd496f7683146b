"""Reads task files for tests: all rows of a split as one list."""

from collections.abc import Mapping
import dataclasses
from pathlib import Path
from typing import Any

from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Source, Task

DEFAULT = ReadOptions()


@dataclasses.dataclass
class Rows:
  """All that was read of a split, row by row."""

  rows: list[Mapping[str, Any]] = dataclasses.field(default_factory=list)
  keys: list[int] = dataclasses.field(default_factory=list)
  places: list[int] = dataclasses.field(default_factory=list)
  rejects: list[Reject] = dataclasses.field(default_factory=list)

  @property
  def reasons(self) -> list[tuple[int, str]]:
    return [(r.place, r.reason) for r in self.rejects]


def splits_of(
  task: Task, *roots: Path | str, options: ReadOptions = DEFAULT
) -> dict[str, Rows]:
  """Reads a task, split by split; gives nothing if no file is found."""
  located = locate(task, Index.of([str(r) for r in roots]), options)
  if located is None:
    return {}
  found = {}
  for split, pieces in located.splits.items():
    rows = found[split] = Rows()
    for piece in pieces:
      done = 0
      for block in read(piece, task, task.sources[located.source], options):
        assert len(block.keys) == len(block.places) == len(block.rows)
        # Rows and rejects fill a block; one more reject may tell of damage.
        assert len(block) + len(block.rejects) <= options.block_rows + 1
        assert done <= block.source_bytes
        done = block.source_bytes
        rows.rows += block.rows
        rows.keys += block.keys.tolist()
        rows.places += block.places
        rows.rejects += block.rejects
  return found


def rows_of(
  task: Task, *roots: Path | str, options: ReadOptions = DEFAULT
) -> Rows:
  """Reads a task's training split."""
  return splits_of(task, *roots, options=options)['train']


def task_with(like: str = 'flan2021:snli', **source: Any) -> Task:
  """A task of the catalog that has only this source."""
  own = {'splits': {'train': 'train'}, **source}
  return dataclasses.replace(catalog.load(like), sources=(Source(**own),))
