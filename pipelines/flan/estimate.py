"""What a run of tasks will give, from a look at a few of each suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import contextlib
import dataclasses

from ul2_flan.pipelines.flan import render
from ul2_flan.pipelines.flan.context import task_of
from ul2_flan.pipelines.flan.selection import Selection
from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.run.plan import Part, Plan
from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.task_sources import RowBlock

# Tasks of a suite are alike, and suites are not.
_TASKS = 5

# Enough to know the size of a task's examples within a third.
_ROWS = 32


def estimate(plan: Plan) -> dict[str, int]:
  """Rows, tokens and bytes to expect, within a third or so."""
  job = FlanWorker(plan)
  total = {'rows': 0.0, 'tokens': 0.0, 'bytes': 0.0}
  suites: dict[str, list[str]] = {}
  for name in plan.groups:
    suites.setdefault(name.partition(':')[0], []).append(name)
  for names in suites.values():
    row_bytes, tokens, written = _averages(plan, job, names)
    for name in names if row_bytes else ():
      cap = plan.config['cap']
      cap = task_of(plan.config, name).cap if cap is None else cap
      size = sum(part.size for part in plan.parts(name))
      rows = min(size / row_bytes, cap or float('inf'))
      total['rows'] += rows
      total['tokens'] += rows * tokens
      total['bytes'] += rows * written
  return {unit: round(n) for unit, n in total.items()}


def _averages(
  plan: Plan, job: FlanWorker, names: Sequence[str]
) -> tuple[float, float, float]:
  """Of a row: bytes of its source, tokens and bytes of its examples."""
  counts = Counts()
  found = []
  for name in names[:: max(1, len(names) // _TASKS)][:_TASKS]:
    size, written = _look(job, plan.parts(name)[0], counts)
    if size:
      found.append((size, written))
  if not found:
    return 0.0, 0.0, 0.0
  used = sum(own.get('used', 0) for own in counts.sums.values())
  tokens = sum(
    n
    for own in counts.sums.values()
    for name, n in own.items()
    if name.endswith('_tokens')
  )
  return (
    sum(size for size, _ in found) / len(found),
    tokens / max(used, 1),
    sum(written for _, written in found) / len(found),
  )


def _look(job: FlanWorker, part: Part, counts: Counts) -> tuple[float, int]:
  """Renders the first rows of a part, to see what others will give.

  Returns:
    source bytes of a record, and bytes of all its examples; zeros for a part
    that gives nothing, whatever the reason.
  """
  with contextlib.suppress(Exception):
    return _rendered(job, part, counts)
  return 0.0, 0


def _rendered(job: FlanWorker, part: Part, counts: Counts) -> tuple[float, int]:
  work = job.work(part)
  blocks = job.blocks(part.pieces[0], work)
  block = next(blocks)
  row_bytes = _row_bytes(block, blocks)
  first = dataclasses.replace(
    block,
    records=block.records[:_ROWS],
    keys=block.keys[:_ROWS],
    places=block.places[:_ROWS],
  )
  bounds: dict[str, int | None] = {'train': None, 'validation': None}
  selection = Selection(work.selector, bounds, first.records, first.keys)
  rows, held_out, places, _ = render.rows_of(
    work, selection, 'train', first, counts
  )
  pool = render.pool_of(work, selection)
  written = 0
  for batch in render.render(work, rows, held_out, pool, places, counts):
    written += sum(map(len, batch.records))
  return row_bytes, written // len(first)


def _row_bytes(first: RowBlock, rest: Iterator[RowBlock]) -> float:
  """Bytes of the file that a record takes, by the first of them.

  A reader tells how far it has read, and of a compressed file it reads much at
  once: the blocks count that are given before it reads on.
  """
  rows = len(first)
  for block in rest:
    if block.source_bytes != first.source_bytes:
      break
    rows += len(block)
  return first.source_bytes / rows
