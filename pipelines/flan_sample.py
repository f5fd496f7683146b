"""What a run of tasks will give, from a look at a few of each suite."""

from __future__ import annotations

from collections.abc import Sequence

from ul2_flan.pipelines.render import RenderJob
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.task_accounts import task_of
from ul2_flan.pipelines.work import Plan

# Tasks of a suite are alike, and suites are not.
_TASKS = 5


def estimate(plan: Plan) -> dict[str, int]:
  """Rows, tokens and bytes to expect, within a third or so."""
  job = RenderJob(plan)
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
  plan: Plan, job: RenderJob, names: Sequence[str]
) -> tuple[float, float, float]:
  """Of a row: bytes of its source, tokens and bytes of its examples."""
  counts = Counts()
  found = []
  for name in names[:: max(1, len(names) // _TASKS)][:_TASKS]:
    size, written = job.sample(plan.parts(name)[0], counts)
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
