"""What an engine's page shows of a run: what it is, and counters as it goes.

The facts are as many for one task as for 1,836, and so are the counters: both
travel with the job, and a service limits their number. What became of each task
is in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping

from apache_beam.metrics import Metrics
from apache_beam.transforms.display import DisplayDataItem

from ul2_flan.pipelines.flan.accounts import is_data_set
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.run.reports import Report, under

_NAMESPACE = 'ul2_flan'

# What counts may be of that are neither documents nor tasks nor data sets.
_NO_RECORDS = ('tokens', 'packing')

# Key to what a reader sees, and its value.
Facts = Mapping[str, tuple[str, str | int]]


def facts_of(plan: Plan, output: str) -> Facts:
  """What distinguishes a run from others."""
  config = plan.config
  vocabulary = config.get('vocabulary') or plan.manifest.get('vocabulary', {})
  found: dict[str, tuple[str, str | int | None]] = {
    'kind': ('Kind of run', plan.job),
    'name': ('Name', config.get('name')),
    'mixture': ('Mixture', config.get('mixture')),
    'plan': ('Plan', plan.fingerprint),
    'output': ('Output', output),
    'data_sets': ('Data sets', len(plan.data_sets)),
    'shards': ('Shards', plan.num_shards),
    'items': ('Work items', len(plan.items)),
    'tokens': ('Tokens, about', plan.estimate.get('tokens')),
    'vocabulary': ('Vocabulary', vocabulary.get('path')),
    'seed': ('Seed', str(config['seed']) if 'seed' in config else None),
    'version': ('Version of ul2-flan', config.get('version')),
  }
  return {
    key: (label, value)
    for key, (label, value) in found.items()
    if value is not None
  }


def display(facts: Facts) -> dict[str, DisplayDataItem]:
  """The facts as Beam takes them."""
  return {
    key: DisplayDataItem(value, label=label)
    for key, (label, value) in facts.items()
  }


class Counters:
  """Counters of finished work items, of any kind of run."""

  _NAMES = (
    'items-done', 'shards-written', 'examples-written', 'tokens-written',
    'bytes-written', 'records-read', 'records-dropped', 'records-rejected',
  )  # fmt: skip

  def __init__(self) -> None:
    self._counters = {
      name: Metrics.counter(_NAMESPACE, name) for name in self._NAMES
    }

  def add(self, report: Report) -> None:
    """Counts what a work item did."""
    for name, amount in amounts(report).items():
      self._counters[name].inc(amount)


def amounts(report: Report) -> dict[str, int]:
  """What the counters take of a report.

  Records are documents of a UL2 run and rows of tasks. What is dropped of
  those is what a rule leaves out; rejected is what is wrong.
  """
  found = {
    'items-done': 1,
    'shards-written': len(report.shards),
    'examples-written': sum(s.records for s in report.shards),
    'bytes-written': sum(s.bytes for s in report.shards),
    'tokens-written': 0,
    'records-read': 0,
    'records-dropped': 0,
    'records-rejected': 0,
  }
  for owner, own in report.counts.sums.items():
    data = under(own, 'data/')
    found['tokens-written'] += sum(
      n
      for name, n in data.items()
      if name.endswith(('/inputs_tokens', '/targets_tokens'))
    )
    if owner == 'mix':
      found['records-read'] += sum(
        n for name, n in own.items() if name.endswith('/examples')
      )
    elif owner == 'documents' or not (owner in _NO_RECORDS or is_data_set(own)):
      for kind in ('read', 'dropped', 'rejected'):
        found[f'records-{kind}'] += own.get(kind, 0)
        found[f'records-{kind}'] += sum(under(own, f'{kind}/').values())
  return found
