"""What a person reads before a run and after it."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import Objective


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
  """What a run costs.

  Attributes:
    cpu_seconds: of all its work items, on this machine; starting workers and
      moving what is shuffled come on top.
    worker_bytes: peak memory of a process that does one work item at a time.
    sample_seconds: CPU time that was measured.
    processor: what it was measured on.
  """

  cpu_seconds: float
  worker_bytes: int
  sample_seconds: float
  processor: str


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
  """Columns of equal width: the first to the left, the others to the right.

  >>> print(table(['split', 'examples'], [['train', 1200]]))
  split  examples
  train     1,200
  """
  cells = [list(header)] + [
    [f'{c:,}' if isinstance(c, int) else str(c) for c in row] for row in rows
  ]
  widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
  lines = []
  for row in cells:
    first = row[0].ljust(widths[0])
    rest = [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
    lines.append('  '.join([first, *rest]).rstrip())
  return '\n'.join(lines)


def size(count: float) -> str:
  """Bytes as people say them.

  >>> size(820), size(1_310_000)
  ('820 B', '1.3 MB')
  """
  for unit in ('B', 'kB', 'MB', 'GB'):
    if count < 1000:
      return f'{count:.0f} {unit}' if unit == 'B' else f'{count:.1f} {unit}'
    count /= 1000
  return f'{count:.1f} TB'


def of_plan(plan: Plan, output: str, cost: Cost | None = None) -> str:
  """The size of a run, and what it costs if that was measured."""
  found = facts_of(plan, output, cost)
  rows: list[list[object]] = [
    ['source files', found['source_files']],
    ['source bytes', size(found['source_bytes'])],
    ['work items', found['work_items']],
    ['largest work item', size(found['largest_item_bytes'])],
    [f'{_unit(plan)}, about', found['records']],
    ['tokens, about', found['tokens']],
    ['data sets', found['data_sets']],
    ['shards', found['shards']],
    ['disk, about', size(found['output_bytes'])],
    ['output', output],
  ]
  if cost is None:
    return table(['plan', plan.fingerprint], rows)
  rows[-1:-1] = [
    ['vCPU hours, about', f'{found["vcpu_hours"]:.2g}'],
    ['memory of a worker, about', size(found['worker_memory_bytes'])],
  ]
  return '\n'.join(
    [
      table(['plan', plan.fingerprint], rows),
      'vCPU hours are of the work itself, as '
      f'{_seconds(cost.sample_seconds)} of it took on this machine,',
      f'{cost.processor}. Starting workers and what an engine shuffles come on '
      'top.',
    ]
  )


def _seconds(seconds: float) -> str:
  """Of a sample, which may be all of a small run.

  >>> _seconds(1.23), _seconds(0.0123)
  ('1.2 s', '12 ms')
  """
  return f'{seconds:.1f} s' if seconds >= 1 else f'{1000 * seconds:.0f} ms'


def facts_of(plan: Plan, output: str, cost: Cost | None) -> dict[str, Any]:
  """The same for a program; of all kinds of run the same names."""
  sources = plan.sources()
  expected = plan.estimate
  found: dict[str, Any] = {
    'job': plan.job,
    'name': plan.config['name'],
    'plan': plan.fingerprint,
    'output': output,
    'source_files': expected.get('source_files', len(sources)),
    'source_bytes': expected.get('source_bytes', sum(sources.values())),
    'work_items': len(plan.items),
    'largest_item_bytes': max(item.size for item in plan.items),
    'records': expected[_unit(plan)],
    'tokens': expected['tokens'],
    'data_sets': len(plan.data_sets),
    'shards': plan.num_shards,
    'output_bytes': expected['bytes'],
  }
  if cost is not None:
    found |= {
      'vcpu_hours': cost.cpu_seconds / 3600,
      'worker_memory_bytes': cost.worker_bytes,
      'measured': {
        'processor': cost.processor,
        'cpu_seconds': cost.sample_seconds,
      },
    }
  return found


def _unit(plan: Plan) -> str:
  """What a run's records are."""
  return {'ul2': 'documents', 'flan': 'rows', 'mix': 'examples'}[plan.job]


def of_objective(objective: Objective) -> str:
  """The denoisers of a run, solved."""
  rows: list[list[object]] = []
  notes = []
  for d, raw in zip(objective.denoisers, objective.raw, strict=True):
    span = f'{d.mean_span:g}' if d.corruption == 'spans' else 'prefix'
    rows.append(
      [
        d.name,
        d.mode,
        span,
        f'{d.density:.0%}',
        f'{d.rate:.1%}',
        raw.tokens,
        raw.max_spans,
      ]
    )
    if raw.tokens < raw.unlimited_tokens:
      notes.append(
        f'{d.name}: segments of {raw.tokens} tokens instead of '
        f'{raw.unlimited_tokens}, since there are '
        f'{objective.sentinels.count} sentinels'
      )
  header = [
    'denoiser',
    'mode',
    'mean_span',
    'density',
    'rate',
    'raw_tokens',
    'max_spans',
  ]
  return '\n'.join([table(header, rows), *notes])


def of_presets() -> str:
  """The shipped tables, a line each."""
  lines = []
  for name in denoising.presets():
    lines.append(f'  {name}: {denoising.load_preset(name).description}')
  return '\n'.join(lines)
