"""Reads raw rows and fills them into templates: P3's rows, made anew."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources.promptsource.prompt import (
  EmptyPromptError,
  Prompt,
  Prompted,
)
from ul2_flan.pipelines.task_sources.promptsource.templates import (
  Template,
  find,
  of_source,
)
from ul2_flan.pipelines.task_sources.promptsource.weigh import OverBoundError
from ul2_flan.pipelines.task_sources.readers import READERS
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import P3_TEXTS
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.seeding import content_key, stream

# Our kinds of piece to readers of raw rows.
RAW_READERS = {
  f'promptsource_{kind}': READERS[kind]
  for kind in ('parquet', 'arrow', 'jsonl', 'json', 'csv', 'tsv')
}


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads rows, with keys, as P3 has them; places are those of the raw rows.

  For rank classification there is a row for the right answer only, where P3
  has one for each answer.

  Rejects:
    empty_template: the template gives no prompt or no target for a row. This is
      how templates choose their rows.
    broken_template: the template cannot be compiled, or fails on the row, or
      takes too much work for it (see `weigh`). After some such rows of a
      file, no others are tried.
    and those of the raw rows' reader.
  """
  template = (
    of_source(source, task.dataset)
    if source.prompt
    else find(options.promptsource, source.locator)
  )
  if template is None:
    raise UserError(
      f"'{options.promptsource}' has no template for '{source.locator}'"
    )
  filler = _Filler(template)
  # Without fields the source has all columns: any may stand in the template.
  raw_source = Source(kind='export', locator=template.dataset)
  for block in RAW_READERS[piece.kind](piece, task, raw_source, options):
    yield filler.fill(block)


# So many rows of a file that take too much work say that all do.
_MOST_OVER_BOUND = 4


class _Filler:
  """Fills raw rows into a template."""

  def __init__(self, template: Template):
    """Compiles the template; if that fails, each row will be rejected."""
    self._name = f'{template.dataset}: {template.name}'
    self._prompt: Prompt | None = None
    self._over_bound = 0
    try:
      self._prompt = Prompt(template)
    except Exception as e:
      self._broken = f'{type(e).__name__}: {e}'

  def fill(self, block: RowBlock) -> RowBlock:
    """Makes P3's rows of a block of raw rows, at the same places."""
    filled = RowBlock(
      block.source, rejects=list(block.rejects), source_bytes=block.source_bytes
    )
    # What promptsource draws at random comes from the row's key, so that the
    # same row always gives the same prompt.
    streams = stream(0, f'promptsource/{self._name}', block.keys).tolist()
    keys = []
    for raw_row, place, row_stream in zip(
      block.rows, block.places, streams, strict=True
    ):
      prompted = self._fill(raw_row, row_stream)
      if isinstance(prompted, Prompted):
        row = _row(prompted)
        filled.rows.append(row)
        filled.places.append(place)
        keys.append(_key(row))
      else:
        reason, why = prompted
        shown = orjson.dumps(raw_row, default=str)
        detail = f'{self._name}: {why}'
        filled.rejects.append(
          Reject.of(block.source, place, reason, detail, shown)
        )
    filled.keys = np.array(keys, np.uint64)
    return filled

  def _fill(
    self, raw_row: Mapping[str, Any], row_stream: int
  ) -> Prompted | tuple[str, str]:
    """Fills in one row, or returns the reason and detail of its reject."""
    if self._prompt is None:
      return 'broken_template', self._broken
    try:
      return self._prompt.fill(raw_row, row_stream)
    except EmptyPromptError:
      return 'empty_template', 'no prompt, or no target'
    except OverBoundError as e:
      self._over_bound += 1
      if self._over_bound == _MOST_OVER_BOUND:
        self._prompt = None
        self._broken = f'not tried, since {_MOST_OVER_BOUND} rows were {e}'
      return 'broken_template', str(e)
    except Exception as e:
      # A template is a program and may raise anything. It has failed, not we.
      return 'broken_template', f'{type(e).__name__}: {e}'


def _row(prompted: Prompted) -> dict[str, Any]:
  """Makes the row as P3 has it, where targets begin with a newline."""
  row: dict[str, Any] = {
    'inputs_pretokenized': prompted.inputs,
    'targets_pretokenized': '\n' + prompted.targets,
  }
  if prompted.answer_choices is not None:
    row['answer_choices'] = list(prompted.answer_choices)
  return row


def _key(row: Mapping[str, Any]) -> int:
  """Returns the key that the row would have if it were read from P3's files."""
  texts = {name: row[name] for name in P3_TEXTS}
  return content_key(orjson.dumps(texts, option=orjson.OPT_SORT_KEYS))
