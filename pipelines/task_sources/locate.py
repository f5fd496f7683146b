"""Finds a task's files below the folders that a user names."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.block import ReadOptions
from ul2_flan.pipelines.task_sources.formats import LOCATORS
from ul2_flan.pipelines.task_sources.index import File, Index
from ul2_flan.pipelines.task_sources.readers import niv2
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
  """Where a task's rows are.

  Attributes:
    source: which of the task's sources was found, an index into them.
    splits: our names of splits to what is to be read for them, in order.
    unread: paths of files of the same name, where only the first is read.
  """

  source: int
  splits: Mapping[str, tuple[Piece, ...]]
  unread: tuple[str, ...] = ()


def locate(task: Task, index: Index, options: ReadOptions) -> Located | None:
  """Finds a task's rows: the first of its sources that has a training split.

  Where none has one, the first that has any split. None: nothing is there.

  Raises:
    UserError: what is there cannot be used, and says why; and nothing else is.
  """
  found: Located | None = None
  problem: UserError | None = None
  for i, source in enumerate(task.sources):
    for locator in LOCATORS.get(source.kind, ()):
      try:
        splits = locator(task, source, index, options)
      except UserError as e:
        problem = problem or e
        continue
      if splits and (found is None or 'train' in splits):
        found = Located(i, splits, _unread(source, index))
      if 'train' in splits:
        return found
  if problem and not found:
    raise problem
  return found


def why_no_train(located: Located | None) -> str:
  """What a user is told where no training split was found."""
  if not located:
    return 'no file of a training split'
  others = ' and a '.join(f'{split} split' for split in located.splits)
  (first, *_) = next(iter(located.splits.values()))
  return f'only a {others} was found: {first.path}'


def _unread(source: Source, index: Index) -> tuple[str, ...]:
  """Files that could be the task's as well as the one that is read.

  Those of NIv2 and of chain of thought are found by name, wherever they lie.
  """
  named: list[File] = []
  if source.kind == 'niv2':
    named = niv2.files_of(source.locator, index)
  elif source.kind == 'cot_tsv':
    named = index.named(source.locator)
  return tuple(file.path for file in named[1:])
