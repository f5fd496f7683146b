"""Finds the raw rows that a subset of P3 was made of."""

from collections.abc import Mapping
import dataclasses

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.finders import exports
from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.pipelines.task_sources.promptsource.templates import find
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the exported data set of a subset's template, as `exports` does.

  Returns:
    our splits to pieces of raw rows; their kind says that they are to be filled
    into the template. Nothing if the user gives no templates, or none is the
    subset's, or its data set is not there.
  """
  if not options.promptsource:
    return {}
  template = find(options.promptsource, source.locator)
  if template is None:
    return {}
  # P3 lists only some splits of a data set: those are read, if it lists any.
  splits = {s: template.splits[s] for s in source.splits or template.splits}
  located: Mapping[str, tuple[Piece, ...]] = {}
  for folder in _folders(template.dataset):
    rows = Source(kind='export', locator=folder, splits=splits)
    located = located or exports.locate(task, rows, index, options)
  return {
    split: tuple(
      dataclasses.replace(piece, kind=f'promptsource_{piece.kind}')
      for piece in pieces
    )
    for split, pieces in located.items()
  }


def _folders(dataset: str) -> list[str]:
  """Returns the folders where a data set's rows may be.

  Where promptsource knows no configuration, the hub often has one of the data
  set's own name: dbpedia_14/dbpedia_14.
  """
  return [dataset] if '/' in dataset else [dataset, f'{dataset}/{dataset}']
