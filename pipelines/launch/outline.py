"""Describes a plan to a person or a program, before any work is done."""

from typing import Any

from ul2_flan.pipelines.launch.estimate import Cost
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.run.tables import size, table


def of_plan(plan: Plan, output: str, cost: Cost | None = None) -> str:
  """Tells a person how large a run is, and what it costs if that is known."""
  facts = facts_of(plan, output, cost)
  rows: list[list[object]] = [
    ['source files', facts['source_files']],
    ['source bytes', size(facts['source_bytes'])],
    ['work items', facts['work_items']],
    ['largest work item', size(facts['largest_item_bytes'])],
    [f'{kind_of(plan.kind).unit}, about', facts['records']],
    ['tokens, about', facts['tokens']],
    ['data sets', facts['data_sets']],
    ['shards', facts['shards']],
    ['disk, about', size(facts['output_bytes'])],
    ['output', output],
  ]
  if cost is None:
    return table(['plan', plan.fingerprint], rows)
  rows[-1:-1] = [
    ['vCPU hours, about', f'{facts["vcpu_hours"]:.2g}'],
    ['memory of a worker, about', size(facts['worker_memory_bytes'])],
  ]
  return '\n'.join(
    [
      table(['plan', plan.fingerprint], rows),
      'The vCPU hours are those of the work itself: '
      f'{_seconds(cost.sample_seconds)} of it ran on this machine,',
      f'{cost.processor}. Starting workers and what an engine shuffles come on '
      'top.',
    ]
  )


def _seconds(seconds: float) -> str:
  """Says how long a sample took, which may be all of a small run.

  >>> _seconds(1.23), _seconds(0.0123)
  ('1.2 s', '12 ms')
  """
  return f'{seconds:.1f} s' if seconds >= 1 else f'{1000 * seconds:.0f} ms'


def facts_of(plan: Plan, output: str, cost: Cost | None) -> dict[str, Any]:
  """Tells a program the same, by the same names for all kinds of run.

  Args:
    plan: the plan.
    output: the output folder.
    cost: what `estimate.measure` found; None leaves its names out.
  """
  sources = plan.sources()
  expected = plan.estimate
  facts: dict[str, Any] = {
    'job': plan.kind,
    'name': plan.config['name'],
    'plan': plan.fingerprint,
    'output': output,
    'source_files': expected.get('source_files', len(sources)),
    'source_bytes': expected.get('source_bytes', sum(sources.values())),
    'work_items': len(plan.items),
    'largest_item_bytes': max(item.size for item in plan.items),
    'records': expected[kind_of(plan.kind).unit],
    'tokens': expected['tokens'],
    'data_sets': len(plan.data_sets),
    'shards': plan.num_shards,
    'output_bytes': expected['bytes'],
  }
  if cost is not None:
    facts |= {
      'vcpu_hours': cost.cpu_seconds / 3600,
      'worker_memory_bytes': cost.worker_bytes,
      'measured': {
        'processor': cost.processor,
        'cpu_seconds': cost.sample_seconds,
      },
    }
  return facts
