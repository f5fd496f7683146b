"""Questions of suites that TFDS has prepared: `[[sources]]` of their tables."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.task_sources import Index, ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.tfds import find_prepared, read_prepared
from ul2_flan.tasks.catalog.schema import Source, Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import Material, NoQuestion, with_rows
from ul2_flan.tasks.evaluation.suites import SuiteTask, sources_of

# Of pieces.
KIND = 'tfds'


def find(task: SuiteTask, index: Index) -> list[Piece]:
  """Finds those of a task's sources that are below the folders.

  Raises:
    UserError: there is such a directory, and it cannot be read.
  """
  return [
    dataclasses.replace(piece, split=split)
    for source in sources_of(task)
    for split, pieces in find_prepared.locate(
      entry_of(task, source), source, index, ReadOptions()
    ).items()
    for piece in pieces
  ]


def with_questions(material: Material, pieces: Sequence[Piece]) -> Material:
  """Adds the questions of pieces to what files hold of a task.

  Raises:
    UserError: a file is damaged, or two sources have questions of a split.
  """
  task = material.task
  for source in sources_of(task):
    name = source.locator.partition(':')[0]
    of = [piece for piece in pieces if f'/{name}/' in f'/{piece.path}']
    rows: dict[str, list[Mapping[str, Any]]] = {}
    left_out = [*material.left_out]
    for piece in of:
      for block in _blocks(task, source, piece):
        left_out += unread(task, block)
        rows.setdefault(piece.split, []).extend(block.rows)
    material = dataclasses.replace(material, left_out=tuple(left_out))
    # The configuration is a task's key, or rows say which they are of.
    key = task.key if name.endswith(f'/{task.key}') else ''
    if of:
      material = with_rows(material, rows, of[0].path, key)
  return material


def _blocks(
  task: SuiteTask, source: Source, piece: Piece
) -> Iterator[RowBlock]:
  return read_prepared.read(
    piece, entry_of(task, source), source, ReadOptions()
  )


def unread(task: SuiteTask, block: RowBlock) -> Iterator[NoQuestion]:
  """Yields the rows of a block that its reader rejects.

  Raises:
    UserError: one stands for all that follows in a damaged file, since nobody
      knows how many questions these are.
  """
  for reject in block.rejects:
    if reject.reason == DAMAGED_FILE:
      raise UserError(f'{block.source} cannot be read {reject.where}')
    yield NoQuestion(
      task.name, reject.source, reject.place, reject.reason, reject.detail
    )


def entry_of(task: SuiteTask, *sources: Source) -> Task:
  """Makes an entry of the catalog, which readers take; no catalog has it."""
  return Task(
    name=task.name,
    suite=task.suite,
    family='',
    dataset='',
    category='',
    languages=(task.language,),
    sources=sources,
    cap=0,
    left_out='unlisted',
  )
