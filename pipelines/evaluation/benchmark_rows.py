"""Questions of benchmarks, which say their sources as the catalog's tasks do.

TFDS's directories, exports as on a hub and authors' files are found and read
with the catalog's own finders and readers.
"""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.evaluation.prepared import entry_of, unread
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import (
  Index,
  ReadOptions,
  locators_of,
  read,
)
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import Material, NoQuestion, with_rows
from ul2_flan.tasks.evaluation.suites import SuiteTask, sources_of

# Among so many rows for training is an exemplar of each question.
_TRAINING_ROWS = 64


def find(task: SuiteTask, index: Index, split: str) -> tuple[list[Piece], int]:
  """Finds the pieces of the first of a task's sources that has a split.

  Where none has it, takes the first that has any.

  Args:
    task: of a suite of benchmarks.
    index: all files.
    split: the one that is wanted.

  Returns:
    the pieces, and the number of their source.

  Raises:
    UserError: there are files of a source, and those of no source can be used.
  """
  first: tuple[list[Piece], int] | None = None
  problem: UserError | None = None
  entry = entry_of(task, *sources_of(task))
  for number, locator in locators_of(entry):
    try:
      splits = locator(entry, entry.sources[number], index, ReadOptions())
    except UserError as e:
      problem = problem or e
      continue
    found = [
      piece
      for name, pieces in splits.items()
      for piece in _pieces(name, pieces, split)
    ]
    if split in splits:
      return found, number
    if found and not first:
      first = found, number
  if problem and not first:
    raise problem
  return first or ([], 0)


def _pieces(name: str, pieces: Sequence[Piece], wanted: str) -> Iterator[Piece]:
  """Yields the pieces of a split: of training, only those of some rows.

  Data sets have many rows for training, and prompts show one.
  """
  if name == 'train' != wanted:
    pieces = [
      dataclasses.replace(piece, rows=(0, min(last, _TRAINING_ROWS)))
      for piece in pieces[:1]
      for last in [piece.rows[1] if piece.rows else _TRAINING_ROWS]
    ]
  for piece in pieces:
    yield dataclasses.replace(piece, split=name)


def material_of(
  task: SuiteTask, pieces: Sequence[Piece], number: int
) -> Material:
  """Reads the questions of pieces, and tells which rows are none.

  Args:
    task: of a suite of benchmarks.
    pieces: that were found.
    number: of their source.

  Raises:
    UserError: a file is damaged.
  """
  entry = entry_of(task, *sources_of(task))
  rows: dict[str, list[Mapping[str, Any]]] = {}
  left_out: list[NoQuestion] = []
  for piece in pieces:
    for block in read(piece, entry, entry.sources[number], ReadOptions()):
      left_out += unread(task, block)
      rows.setdefault(piece.split, []).extend(block.rows)
  where = pieces[0].path if pieces else ''
  source = entry.sources[number]
  material = Material(task, {}, left_out=tuple(left_out))
  return with_rows(material, rows, where, task.key, source)
