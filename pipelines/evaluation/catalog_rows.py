"""Questions that are rows of the catalog's tasks, read as for `flan`."""

from collections.abc import Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.evaluation.prepared import unread
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks.evaluation.prompting.in_templates import bare, catalog_task
from ul2_flan.tasks.evaluation.reading import Material, NoQuestion
from ul2_flan.tasks.evaluation.suites import SuiteTask
from ul2_flan.tasks.rendering import prepare

# Of what is drawn from a row; rows with options have nothing to be drawn.
_SEED = 0


def find(task: SuiteTask, index: Index) -> tuple[list[Piece], int]:
  """Finds the pieces of all splits, and the number of the source they are of.

  Raises:
    UserError: there are files, and they cannot be used.
  """
  located = locate(catalog_task(task), index, ReadOptions())
  if not located:
    return [], 0
  return [
    dataclasses.replace(piece, split=split)
    for split, pieces in located.splits.items()
    for piece in pieces
  ], located.source


def material_of(
  task: SuiteTask, pieces: Sequence[Piece], number: int
) -> Material:
  """Reads the questions of pieces, and tells which rows are none.

  Args:
    task: of a suite that asks the catalog's tasks.
    pieces: of one split.
    number: of their source.

  Raises:
    UserError: a file is damaged.
  """
  of = catalog_task(task)
  source = of.sources[number]
  blocks = [
    block
    for piece in pieces
    for block in read(piece, of, source, ReadOptions())
  ]
  left_out = [one for block in blocks for one in unread(task, block)]
  places = [(block.source, place) for block in blocks for place in block.places]
  if not blocks:
    return Material(task, {})
  made = prepare(
    [row for block in blocks for row in block.rows],
    np.concatenate([block.keys for block in blocks]),
    task=of,
    source=source,
    seed=_SEED,
  )
  left_out += [
    NoQuestion(task.name, *places[i], reason, f'it is no question: {reason}')
    for reason, rows in made.rejects.items()
    for i in rows
  ]
  split = pieces[0].split
  return Material(
    task,
    {split: tuple(bare(task, split, made.instances))},
    instances={split: made.instances},
    left_out=tuple(left_out),
  )
