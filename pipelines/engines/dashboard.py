"""Shows a run on an engine's page: facts about it, and counters that move.

Both travel with the job, and a service limits their number. So a run of 1,836
tasks has as many as a run of one; the manifest says what became of each task.
"""

from collections.abc import Mapping

from ul2_flan.pipelines.run import Plan, Report
from ul2_flan.pipelines.run.counts import example_tokens

# A key -> what a reader sees, and its value.
Facts = Mapping[str, tuple[str, str | int]]


def facts_of(plan: Plan, output: str) -> Facts:
  """Collects the facts that tell a run from others."""
  config = plan.config
  vocabulary = config.get('vocabulary') or plan.manifest.get('vocabulary', {})
  facts: dict[str, tuple[str, str | int | None]] = {
    'kind': ('Kind of run', plan.kind),
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
    for key, (label, value) in facts.items()
    if value is not None
  }


def amounts(report: Report, records: Mapping[str, int]) -> dict[str, int]:
  """Works out what the counters gain by a report.

  Args:
    report: of one work item.
    records: how many records it 'read', 'dropped' by a rule, and 'rejected'
      because something was wrong with them (`Kind.records`).
  """
  return {
    'items-done': 1,
    'shards-written': len(report.shards),
    'examples-written': sum(s.records for s in report.shards),
    'tokens-written': example_tokens(report.counts),
    'bytes-written': sum(s.bytes for s in report.shards),
    'records-read': records.get('read', 0),
    'records-dropped': records.get('dropped', 0),
    'records-rejected': records.get('rejected', 0),
  }
