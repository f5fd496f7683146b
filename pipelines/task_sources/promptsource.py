"""promptsource's templates over raw rows: the records of P3, made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import exports, jsonl, parquet
from ul2_flan.pipelines.task_sources.block import ReadOptions, RecordBlock
from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.pipelines.task_sources.promptsource_templates import find
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError

# Our kinds of piece to readers of raw rows.
_ROWS = {
  'promptsource_jsonl': jsonl.read,
  'promptsource_parquet': parquet.read,
}


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the raw rows that a subset of P3 is made of, as `exports` does."""
  if not options.promptsource:
    return {}
  template = find(options.promptsource, source.locator)
  if template is None:
    return {}
  # A data set may have splits that P3 has not told of, and the other way round.
  splits = {s: template.splits[s] for s in source.splits or template.splits}
  rows = Source(kind='export', locator=template.dataset, splits=splits)
  found = exports.locate(task, rows, index, options)
  return {
    split: tuple(
      dataclasses.replace(piece, kind=f'promptsource_{piece.kind}')
      for piece in pieces
    )
    for split, pieces in found.items()
  }


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RecordBlock]:
  """Records, with their keys, as P3 has them.

  Of rank classification there is only the record with the right answer.

  Rejects:
    empty_template: the template has no prompt or no target for the row, by
      which templates choose their rows.
    broken_template: it cannot be read, or fails on the row.
    and those of the rows' reader.
  """
  template = find(options.promptsource, source.locator)
  if template is None:
    raise UserError(
      f"'{options.promptsource}' has no template for '{source.locator}'"
    )
  try:
    from ul2_flan.pipelines.task_sources.promptsource_records import Filler
  except ModuleNotFoundError as e:
    raise UserError(
      "promptsource's templates need jinja2: pip install jinja2"
    ) from e
  filler = Filler(template)
  rows = Source(kind='export', locator=template.dataset)
  for block in _ROWS[piece.kind](piece, task, rows, options):
    yield filler.fill(block)
