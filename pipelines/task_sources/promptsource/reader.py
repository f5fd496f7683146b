"""promptsource's templates over raw rows: the records of P3, made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources import exports
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import P3_TEXTS
from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.pipelines.task_sources.promptsource.prompt import (
  EmptyPromptError,
  Prompt,
  Prompted,
)
from ul2_flan.pipelines.task_sources.promptsource.templates import (
  Template,
  find,
)
from ul2_flan.pipelines.task_sources.readers import jsonl, parquet
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.seeding import content_key, stream

# As much of a bad row is kept as shows what is wrong with it.
_SHOWN = 1 << 16

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
  found: Mapping[str, tuple[Piece, ...]] = {}
  for folder in _folders(template.dataset):
    rows = Source(kind='export', locator=folder, splits=splits)
    found = found or exports.locate(task, rows, index, options)
  return {
    split: tuple(
      dataclasses.replace(piece, kind=f'promptsource_{piece.kind}')
      for piece in pieces
    )
    for split, pieces in found.items()
  }


def _folders(dataset: str) -> list[str]:
  """Where a data set's rows may be.

  What promptsource takes to have no configuration has one on the hub, which
  often is of the data set's name: dbpedia_14/dbpedia_14.
  """
  return [dataset] if '/' in dataset else [dataset, f'{dataset}/{dataset}']


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
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
  filler = _Filler(template)
  rows = Source(kind='export', locator=template.dataset)
  for block in _ROWS[piece.kind](piece, task, rows, options):
    yield filler.fill(block)


class _Filler:
  """Fills a template in, row by row."""

  def __init__(self, template: Template):
    """Compiles the template; one that cannot be fails on each row."""
    self._name = f'{template.dataset}: {template.name}'
    self._prompt: Prompt | None = None
    try:
      self._prompt = Prompt(template)
    except Exception as e:
      self._broken = f'{type(e).__name__}: {e}'

  def fill(self, block: RowBlock) -> RowBlock:
    """The records of a block of raw rows, at the same places."""
    filled = RowBlock(
      block.source, rejects=list(block.rejects), source_bytes=block.source_bytes
    )
    streams = stream(0, f'promptsource/{self._name}', block.keys).tolist()
    keys = []
    for row, place, own in zip(
      block.records, block.places, streams, strict=True
    ):
      prompted = self._fill(row, own)
      if isinstance(prompted, Prompted):
        record = _record(prompted)
        filled.records.append(record)
        filled.places.append(place)
        keys.append(_key(record))
      else:
        reason, why = prompted
        raw = orjson.dumps(row, default=str)[:_SHOWN]
        detail = f'{self._name}: {why}'
        filled.rejects.append(Reject(block.source, place, reason, detail, raw))
    filled.keys = np.array(keys, np.uint64)
    return filled

  def _fill(
    self, row: Mapping[str, Any], own: int
  ) -> Prompted | tuple[str, str]:
    """A row in the template's words, or why it cannot be put so."""
    if self._prompt is None:
      return 'broken_template', self._broken
    try:
      return self._prompt.fill(row, own)
    except EmptyPromptError:
      return 'empty_template', 'no prompt, or no target'
    except Exception as e:
      # A template may raise anything; what fails is it, not the run.
      return 'broken_template', f'{type(e).__name__}: {e}'


def _record(prompted: Prompted) -> dict[str, Any]:
  """The record as P3 has it, where targets begin with a newline."""
  record: dict[str, Any] = {
    'inputs_pretokenized': prompted.inputs,
    'targets_pretokenized': '\n' + prompted.targets,
  }
  if prompted.answer_choices is not None:
    record['answer_choices'] = list(prompted.answer_choices)
  return record


def _key(record: Mapping[str, Any]) -> int:
  """The key that the same record has where P3 is read as it was released."""
  own = {name: record[name] for name in P3_TEXTS}
  return content_key(orjson.dumps(own, option=orjson.OPT_SORT_KEYS))
