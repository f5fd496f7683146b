"""From a task's records to encoded instruction examples: pure functions.

    prepare → trim → render → tokenise → encode

What comes out depends on the task's records and the configuration, not on other
tasks, and not on how records are grouped into blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.flan import accounts as flan_accounts
from ul2_flan.pipelines.flan.context import TaskContext
from ul2_flan.pipelines.flan.selection import Selection
from ul2_flan.pipelines.run.contract import Batch
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.task_sources import RowBlock
from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering import (
  Instances,
  Pool,
  Trimmed,
  choose_pool,
  prepare,
  trim,
)

# With exemplars, a question may take this share of the inputs, and each
# exemplar that: longer passages are trimmed, so that one exemplar fits.
_QUESTION_SHARE = 0.5
_EXEMPLAR_SHARE = 0.25

_REJECT_BYTES = 1 << 16


def pool_of(context: TaskContext, selection: Selection) -> Pool:
  """The rows that may be exemplars."""
  prepared = prepare(
    selection.exemplars,
    selection.exemplar_keys,
    task=context.task,
    source=context.source,
    seed=context.seed,
  )
  instances = choose_pool(
    prepared.instances, seed=context.seed, task=context.task.name
  )
  instances = _trim(context, instances, _EXEMPLAR_SHARE).instances
  return Pool.of(context.family, instances, context.encoder.count_tokens)


def _trim(
  context: TaskContext,
  rows: Instances,
  share: float,
  held_out: Bools | None = None,
) -> Trimmed:
  return trim(
    rows,
    context.family,
    max_tokens=int(share * context.encoder.max_tokens('inputs')),
    count_tokens=context.encoder.count_tokens,
    held_out=held_out,
  )


def rows_of(
  context: TaskContext,
  selection: Selection,
  split: str,
  block: RowBlock,
  counts: Counts,
) -> tuple[Instances, Bools, list[str], list[Reject]]:
  """A block's rows, which are held out, their places, and what has no row."""
  where = context.task.name
  counts.add(f'{where}/read', len(block) + len(block.rejects))
  rejects = list(block.rejects)
  is_validation = selection.selector.is_validation(split, block.keys)
  used = selection.used(block.keys, is_validation)
  counts.add(f'{where}/dropped/over_cap', int(np.count_nonzero(~used)))
  chosen = np.flatnonzero(used)
  prepared = prepare(
    [block.rows[i] for i in chosen.tolist()],
    block.keys[chosen],
    task=context.task,
    source=context.source,
    seed=context.seed,
  )
  made = set(prepared.row)
  counts.add(f'{where}/used', len(made))
  reasons: dict[int, str] = {}
  for reason, records in prepared.rejects.items():
    for record in records:
      reasons.setdefault(record, reason)
      if record in made:
        # One of several rows that it could be: the others stand.
        counts.add(f'{where}/parts/{reason}')
  for record, index in enumerate(chosen.tolist()):
    if record not in made:
      rejects.append(
        Reject(
          block.source,
          block.places[index],
          reasons.get(record, 'no_row'),
          context.task.name,
          _as_json(block.rows[index]),
        )
      )
  for reject in rejects:
    kind = 'rejected' if flan_accounts.is_fault(reject.reason) else 'dropped'
    counts.add(f'{where}/{kind}/{reject.reason}')
  owner = chosen[np.array(prepared.row, np.int64)]
  places = [f'{block.source}:{block.places[i]}' for i in owner.tolist()]
  return prepared.instances, is_validation[owner], places, rejects


def render(
  context: TaskContext,
  rows: Instances,
  is_validation: Bools,
  pool: Pool | None,
  places: Sequence[str],
  counts: Counts,
) -> Iterator[Batch]:
  """Examples of rows in all settings."""
  if not len(rows):
    return
  whole = short = _trim(context, rows, 1.0, is_validation)
  if pool:
    short = _trim(context, rows, _QUESTION_SHARE, is_validation)
  rendered = {}
  for data_set, renderer in zip(
    context.data_sets, context.renderers, strict=True
  ):
    few_shot = renderer.setting.few_shot
    trimmed = short if few_shot else whole
    counts.add(f'{data_set}/trimmed', len(trimmed.indices))
    rendered[data_set] = renderer.render(
      trimmed.instances,
      pool if few_shot else None,
      forward=is_validation,
      draws=True,
    )
  yield from context.encoder.encode(
    rendered,
    rows.keys,
    is_validation,
    code=context.family.code,
    places=places,
    counts=counts,
  )


def _as_json(record: Mapping[str, Any]) -> bytes:
  """A record for the quarantine, cut to a length that can be looked at."""
  text = orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS)
  return text[:_REJECT_BYTES]
