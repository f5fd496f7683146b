"""Finds a task's files below the folders that a user names."""

from collections.abc import Iterator, Mapping
import dataclasses

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.finders import niv2
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index
from ul2_flan.pipelines.task_sources.formats import (
  LOCATORS,
  LOOSE_LOCATORS,
  Locator,
  read,
)
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError

# Kinds of files whose columns are known by their places, or by a first line.
_TABLES = ('csv', 'tsv')

NO_FILE = 'no file of a training split'


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
  """Where a task's rows are.

  Attributes:
    source: the number of the task's source that was found, in `Task.sources`.
    splits: our names of splits to the pieces to read for each, in order.
    unread: paths of other files of the same name; only the first is read.
  """

  source: int
  splits: Mapping[str, tuple[Piece, ...]]
  unread: tuple[str, ...] = ()


def locate(task: Task, index: Index, options: ReadOptions) -> Located | None:
  """Finds the first of a task's sources that has a training split.

  Where none has one, takes the first that has any split. A table whose first
  row has not the columns of the source is taken only where nothing else is
  found: it may be an export of that name.

  Returns:
    the source and its pieces; None if there is no file of any source.

  Raises:
    UserError: there are files, but of no source can they be used. It tells the
      first problem that was met.
  """
  # A problem counts only at the end: another source may be fine.
  located: Located | None = None
  doubtful: Located | None = None
  problem: UserError | None = None
  for i, locator in locators_of(task):
    source = task.sources[i]
    try:
      splits = locator(task, source, index, options)
    except UserError as e:
      problem = problem or e
      continue
    if (
      source.kind in _TABLES and splits and not _reads(task, i, splits, options)
    ):
      doubtful = doubtful or Located(i, splits, ())
      continue
    if splits and (located is None or 'train' in splits):
      located = Located(i, splits, _unread(source, index))
    if 'train' in splits:
      return located
  located = located or doubtful
  if problem and not located:
    raise problem
  return located


def _reads(
  task: Task,
  source: int,
  splits: Mapping[str, tuple[Piece, ...]],
  options: ReadOptions,
) -> bool:
  """Whether the first row of a task's files is one of the source."""
  (first, *_) = next(iter(splits.values()))
  one = dataclasses.replace(options, block_rows=1)
  return bool(len(next(read(first, task, task.sources[source], one), ())))


def locators_of(task: Task) -> Iterator[tuple[int, Locator]]:
  """Yields what finds a task's files, each with the source's number.

  Those that find files by their locators' exact names come first.
  """
  for locators in (LOCATORS, LOOSE_LOCATORS):
    for i, source in enumerate(task.sources):
      for locator in locators.get(source.kind, ()):
        yield i, locator


def why_no_train(located: Located | None) -> str:
  """Says why a task has no training split, and which splits it has instead."""
  if not located:
    return NO_FILE
  others = ' and a '.join(f'{split} split' for split in located.splits)
  (first, *_) = next(iter(located.splits.values()))
  return f'only a {others} was found: {first.path}'


def _unread(source: Source, index: Index) -> tuple[str, ...]:
  """Lists files that could be the task's as well as the one that is read.

  Only files of NIv2 and of chain of thought are found by name, wherever they
  lie, so only these can be there twice.
  """
  named: list[File] = []
  if source.kind == 'niv2':
    named = niv2.files_of(source.locator, index)
  elif source.kind == 'cot_tsv':
    named = index.named(source.locator)
  return tuple(file.path for file in named[1:])
