"""Finds a task's files below the folders that a user names."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.block import ReadOptions
from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.pipelines.task_sources.kinds import LOCATORS
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
  """Where a task's rows are.

  Attributes:
    source: which of the task's sources was found, an index into them.
    splits: our names of splits to what is to be read for them, in order.
  """

  source: int
  splits: Mapping[str, tuple[Piece, ...]]


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
        found = Located(i, splits)
      if 'train' in splits:
        return found
  if problem and not found:
    raise problem
  return found
