"""What becomes of the records of tasks: accounts, and tasks that are left out.

The counts of a run, by name:

    rows/<task>/read = used + dropped/<reason> + rejected/<reason>
    examples/<data set>/rows = rendered + dropped/<reason>
    data/<data set>/<split>/all/examples, added up = rendered

Dropped is what a rule of the task or of the lengths leaves out; rejected is
what is wrong with a record, and has a budget.
"""

from __future__ import annotations

from ul2_flan.pipelines import files, quarantine
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.errors import UserError

# Reasons that say that a record is wrong; of all others, a rule is the cause:
# no label in a test set, nothing to correct in a sentence, one row too many.
FAULTS = frozenset(
  (
    'malformed', 'unknown_label', 'answer_not_an_option', 'broken_template',
    'failed', 'damaged_file', 'not_json', 'invalid_utf8', 'wrong_type',
    'missing_field', 'missing_column', 'too_long_record', 'not_text',
  )
)  # fmt: skip


def by_task(counts: Counts) -> dict[str, Counts]:
  """The accounts of each task: 'read', 'used', 'dropped/…', 'rejected/…'."""
  return _grouped(counts, 'rows/')


def by_data_set(counts: Counts) -> dict[str, Counts]:
  """The accounts of each data set: 'rows', 'rendered', 'dropped/…'."""
  return _grouped(counts, 'examples/')


def _grouped(counts: Counts, prefix: str) -> dict[str, Counts]:
  found: dict[str, Counts] = {}
  for name, n in counts.sums.items():
    if name.startswith(prefix):
      _, owner, rest = name.split('/', 2)
      found.setdefault(owner, Counts()).add(rest, n)
  return found


def check(counts: Counts) -> None:
  """No record and no row is lost.

  Raises:
    AssertionError: the accounts of a task or data set do not add up.
  """
  for task, own in by_task(counts).items():
    total = own['used'] + sum(
      n for kind in ('dropped', 'rejected') for n in own.below(kind).values()
    )
    if total != own['read']:
      raise AssertionError(
        f'{task}: {total} of {own["read"]} records are accounted for'
      )
  written: dict[str, int] = {}
  for name, n in counts.sums.items():
    if name.startswith('data/') and name.endswith('/examples'):
      data_set = name.split('/')[1]
      written[data_set] = written.get(data_set, 0) + n
  for data_set, own in by_data_set(counts).items():
    total = own['rendered'] + sum(own.below('dropped').values())
    examples = written.get(data_set, 0)
    if (total, examples) != (own['rows'], own['rendered']):
      raise AssertionError(
        f'{data_set}: {total} of {own["rows"]} rows are accounted for, and '
        f'{examples} of {own["rendered"]} examples'
      )


def left_out(
  plan: Plan, counts: Counts, budget: Budget, output: str
) -> dict[str, str]:
  """Tasks with too many rejects or without an example, and why.

  Raises:
    UserError: there are some and the run is strict, or all tasks are.
  """
  tasks = by_task(counts)
  made = {d: own['rendered'] for d, own in by_data_set(counts).items()}
  found: dict[str, str] = {}
  for name, group in plan.groups.items():
    own = tasks.get(name, Counts())
    rejected = own.below('rejected')
    if counts[f'failed/{name}']:
      found[name] = 'it could not be rendered; the quarantine has the error'
    elif sum(rejected.values()) > budget.max_reject_fraction * own['read']:
      found[name] = (
        f'{_listed(rejected)} of {own["read"]} records rejected, more than '
        f'--max_reject_fraction {budget.max_reject_fraction} allows'
      )
    elif not any(made.get(data_set) for data_set in group.data_sets):
      dropped = own.below('dropped')
      for data_set in group.data_sets[:1]:
        rows = by_data_set(counts).get(data_set, Counts())
        dropped |= rows.below('dropped')
      found[name] = (
        f'no example of {own["read"]} records ({_listed(dropped) or "empty"})'
      )
  if found and (budget.strict or len(found) == len(plan.groups)):
    lines = [f'{task}: {why}' for task, why in list(found.items())[:20]]
    raise UserError(
      f'{len(found)} of {len(plan.groups)} tasks cannot be used:\n  '
      + '\n  '.join(lines)
      + f'\nWhat was rejected is in {files.join(output, quarantine.FOLDER)}. '
      'Mend the sources, leave these tasks out with --without, or run the '
      'same command with a larger --max_reject_fraction'
      + (' or without --strict' if budget.strict else '')
    )
  return found


def _listed(reasons: dict[str, int]) -> str:
  return ', '.join(f'{n} {reason}' for reason, n in reasons.items())
