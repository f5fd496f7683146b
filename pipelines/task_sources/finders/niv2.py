"""Finds the task files of NaturalInstructions, wherever they lie."""

from collections.abc import Mapping
import re

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the first file of the task's name; all of it is for training."""
  files = files_of(source.locator, index)
  if not files:
    return {}
  file = files[0]
  return {'train': (Piece(file.path, 'niv2', 0, file.size, file.size),)}


def files_of(name: str, index: Index) -> list[File]:
  """Returns the files of a task's name, or else BIG-bench's of that task."""
  return index.named(name) or _of_bigbench(name, index)


def _of_bigbench(name: str, index: Index) -> list[File]:
  """Finds BIG-bench's copies of the first tasks, by the task's number.

  They are `subtask002_quoref_answer_generation/task.json`, or a file called
  after that folder. Only the number counts, since BIG-bench spells two of the
  names otherwise.
  """
  number = re.match(r'task0\d\d_', name)
  if not number:
    return []
  prefix = f'sub{number[0]}'
  files = [file for n in index.starting(prefix) for file in index.named(n)]
  return files or index.matching(f'{prefix}*/task.json')
