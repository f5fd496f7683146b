"""Estimates what a Flan run will make, from a few tasks of each suite."""

from collections.abc import Iterator, Sequence
import contextlib
import dataclasses

from ul2_flan.pipelines.flan import render
from ul2_flan.pipelines.flan.context import cap_of, task_of
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import is_released
from ul2_flan.pipelines.flan.released.estimate import of_dump
from ul2_flan.pipelines.flan.selection import Selection
from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.launch.estimate import Look
from ul2_flan.pipelines.run import Counts, Part, Plan
from ul2_flan.pipelines.run.counts import example_tokens
from ul2_flan.pipelines.task_sources import RowBlock
from ul2_flan.pipelines.task_sources.released import Dump

# How many tasks of each suite: tasks of a suite are alike, and suites are not.
_TASKS = 5

# How many rows of each: they tell the size of a task's examples within a third.
_ROWS = 32


def estimate(plan: Plan, dump: Dump | None = None) -> dict[str, int]:
  """Estimates rows, tokens and bytes, within a third or so.

  Args:
    plan: of the run.
    dump: a sample of the frozen dumps that it reads.
  """
  worker = FlanWorker(plan)
  total = {'rows': 0.0, 'tokens': 0.0, 'bytes': 0.0}
  suites: dict[str, list[str]] = {}
  for name in plan.groups:
    if name == SUITE or is_released(plan, name):
      continue
    suites.setdefault(name.partition(':')[0], []).append(name)
  for names in suites.values():
    row_bytes, tokens, written = _averages(plan, worker, names)
    if not row_bytes:
      continue
    for name in names:
      cap = cap_of(
        task_of(plan.config, name),
        plan.config['cap'],
        plan.config.get('as_released', False),
      )
      size = sum(part.size for part in plan.parts(name))
      rows = min(size / row_bytes, cap or float('inf'))
      total['rows'] += rows
      total['tokens'] += rows * tokens
      total['bytes'] += rows * written
  if dump and dump.texts:
    for unit, n in of_dump(plan, worker.encoder, dump).items():
      total[unit] += n
  return {unit: round(n) for unit, n in total.items()}


def _averages(
  plan: Plan, worker: FlanWorker, names: Sequence[str]
) -> tuple[float, float, float]:
  """Averages over some tasks of a suite.

  Returns:
    bytes of a row in its file; tokens, and bytes, of all its examples. All 0 if
    none of the tasks can be read.
  """
  counts = Counts()
  looks = []
  for name in names[:: max(1, len(names) // _TASKS)][:_TASKS]:
    # A task that cannot be read is passed over; the run will say why.
    with contextlib.suppress(Exception):
      looks.append(_look(worker, plan.parts(name)[0], counts))
  looks = [(size, written) for size, written in looks if size]
  if not looks:
    return 0.0, 0.0, 0.0
  used = sum(numbers.get('used', 0) for numbers in counts.sums.values())
  return (
    sum(size for size, _ in looks) / len(looks),
    example_tokens(counts) / max(used, 1),
    sum(written for _, written in looks) / len(looks),
  )


def _look(worker: FlanWorker, part: Part, counts: Counts) -> tuple[float, int]:
  """Renders the first rows of a part.

  Returns:
    bytes of a row in its file, and bytes of all its examples.
  """
  context = worker.context(part)
  blocks = worker.blocks(part.pieces[0], context)
  block = next(blocks)
  row_bytes = _row_bytes(block, blocks)
  first = dataclasses.replace(
    block,
    rows=block.rows[:_ROWS],
    keys=block.keys[:_ROWS],
    places=block.places[:_ROWS],
  )
  bounds: dict[str, int | None] = {'train': None, 'validation': None}
  selection = Selection(context.selector, bounds, first.rows, first.keys)
  instances, held_out, places, _ = render.instances_of(
    context, selection, 'train', first, counts
  )
  pool = render.pool_of(context, render.candidates_of(context, selection))
  look = Look(counts)
  look.add(render.render(context, instances, held_out, pool, places, counts))
  return row_bytes, look.written // len(first)


def _row_bytes(first: RowBlock, rest: Iterator[RowBlock]) -> float:
  """Measures how many bytes of its file a row takes.

  A reader says how far it has come, and it reads much of a compressed file at
  once. So we count all blocks that it gives before it reads on.

  Args:
    first: the first block.
    rest: those that follow it; only some are taken.
  """
  rows = len(first)
  for block in rest:
    if block.source_bytes != first.source_bytes:
      break
    rows += len(block)
  return first.source_bytes / rows
