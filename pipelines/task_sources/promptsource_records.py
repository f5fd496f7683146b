"""Blocks of raw rows to blocks of P3's records, by a template of promptsource.

Apart from `promptsource`, since only these two modules need jinja2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2
import numpy as np
import orjson

from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.task_sources.block import RecordBlock
from ul2_flan.pipelines.task_sources.collector import P3_TEXTS
from ul2_flan.pipelines.task_sources.promptsource_prompt import (
  EmptyPromptError,
  Prompt,
  Prompted,
)
from ul2_flan.pipelines.task_sources.promptsource_templates import Template
from ul2_flan.tasks.seeding import content_key, stream

# As much of a bad row is kept as shows what is wrong with it.
_SHOWN = 1 << 16


class Filler:
  """Fills a template in, row by row."""

  def __init__(self, template: Template):
    """Compiles the template; one that cannot be fails on each row."""
    self._name = f'{template.dataset}: {template.name}'
    try:
      self._prompt: Prompt | jinja2.TemplateError = Prompt(template)
    except jinja2.TemplateError as e:
      self._prompt = e

  def fill(self, block: RecordBlock) -> RecordBlock:
    """The records of a block of raw rows, at the same places."""
    filled = RecordBlock(
      block.source, rejects=list(block.rejects), source_bytes=block.source_bytes
    )
    streams = stream(0, f'promptsource/{self._name}', block.keys).tolist()
    keys = []
    for row, place, own in zip(
      block.records, block.places, streams, strict=True
    ):
      try:
        record = _record(self._fill(row, own))
      except EmptyPromptError:
        reason, detail = 'empty_template', 'no prompt, or no target'
      except Exception as e:
        # A template may raise anything; what fails is it, not the run.
        reason, detail = 'broken_template', f'{type(e).__name__}: {e}'
      else:
        filled.records.append(record)
        filled.places.append(place)
        keys.append(_key(record))
        continue
      raw = orjson.dumps(row, default=str)[:_SHOWN]
      detail = f'{self._name}: {detail}'
      filled.rejects.append(Reject(block.source, place, reason, detail, raw))
    filled.keys = np.array(keys, np.uint64)
    return filled

  def _fill(self, row: Mapping[str, Any], own: int) -> Prompted:
    if isinstance(self._prompt, jinja2.TemplateError):
      raise self._prompt
    return self._prompt.fill(row, own)


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
