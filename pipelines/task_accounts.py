"""What becomes of the records of tasks: accounts, and tasks that are left out.

The counts of a run, of each of its tasks and data sets:

    <task>/read = used + dropped/<reason> + rejected/<reason>
    <task>/failed, parts/<reason>
    <data set>/rows = rendered + dropped/<reason>
    <data set>/data/<split>/all/examples, added up = rendered
    <data set>/trimmed, exemplars, wordings/<label>

Dropped is what a rule of the task or of the lengths leaves out; rejected is
what is wrong with a record, and has a budget.
"""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines import files, quarantine
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.reports import Counts, under
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.errors import UserError

# Reasons by which a rule leaves a record out, with nothing wrong in it. All
# others say that a record is wrong, and so does a new one, until it is here.
RULES = frozenset(
  (
    'over_cap',
    # Test sets have no labels; templates and rank classification choose rows.
    'no_label', 'empty_template', 'wrong_choice',
    # Nothing to correct in a sentence, no turn to be given, no solution in
    # Python, no question in a dialogue; UnifiedQA's are those of four options.
    'nothing_to_do', 'too_short', 'no_python', 'no_row', 'not_four_options',
  )
)  # fmt: skip

# Nor is a record wrong that has no text in a field: QReCC has questions without
# an answer, and more of them than any budget for what is wrong. Where most of a
# task's records are so, though, a column is not what the catalog takes it for.
_EMPTY = 'empty_'
_MAX_EMPTY_FRACTION = 0.5


def is_fault(reason: str) -> bool:
  """Whether it says that a record is wrong: such records have a budget.

  >>> is_fault('not_json'), is_fault('over_cap'), is_fault('empty_answer')
  (True, False, False)
  """
  return reason not in RULES and not reason.startswith(_EMPTY)


def is_data_set(numbers: Mapping[str, int]) -> bool:
  """Whether these are of a data set, or else of a task."""
  return any(
    name in ('rows', 'rendered') or name.startswith('data/') for name in numbers
  )


def check(counts: Counts) -> None:
  """No record and no row is lost.

  Raises:
    AssertionError: the accounts of a task or data set do not add up.
  """
  for owner, own in counts.sums.items():
    if is_data_set(own):
      _check_data_set(owner, own)
    else:
      _check_task(owner, own)


def _check_task(task: str, own: Mapping[str, int]) -> None:
  total = own.get('used', 0) + _sum(own, 'dropped/') + _sum(own, 'rejected/')
  if total != own.get('read', 0):
    raise AssertionError(
      f'{task}: {total} of {own.get("read", 0)} records are accounted for'
    )


def _check_data_set(data_set: str, own: Mapping[str, int]) -> None:
  rows, rendered = own.get('rows', 0), own.get('rendered', 0)
  total = rendered + _sum(own, 'dropped/')
  examples = sum(
    n for name, n in under(own, 'data/').items() if name.endswith('/examples')
  )
  if (total, examples) != (rows, rendered):
    raise AssertionError(
      f'{data_set}: {total} of {rows} rows are accounted for, and '
      f'{examples} of {rendered} examples'
    )


def _sum(own: Mapping[str, int], head: str) -> int:
  return sum(under(own, head).values())


def left_out(
  plan: Plan, counts: Counts, budget: Budget, output: str
) -> dict[str, str]:
  """Tasks with too many rejects or without an example, and why.

  Raises:
    UserError: there are some and the run is strict, or all tasks are.
  """
  found: dict[str, str] = {}
  for name, group in plan.groups.items():
    read = counts[f'{name}/read']
    rejected = counts.below(f'{name}/rejected')
    if counts[f'{name}/failed']:
      found[name] = 'it could not be rendered; the quarantine has the error'
    elif sum(rejected.values()) > budget.max_reject_fraction * read:
      found[name] = (
        f'{_listed(rejected)} of {read} records rejected, more than '
        f'--max_reject_fraction {budget.max_reject_fraction} allows'
      )
    elif empty := _mostly_empty(counts, name):
      found[name] = empty
    elif not any(counts[f'{d}/rendered'] for d in group.data_sets):
      dropped = counts.below(f'{name}/dropped')
      for data_set in group.data_sets[:1]:
        dropped |= counts.below(f'{data_set}/dropped')
      found[name] = (
        f'no example of {read} records ({_listed(dropped) or "empty"})'
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


def _mostly_empty(counts: Counts, task: str) -> str:
  """Of how many of a task's records a field is empty, if of most."""
  dropped = counts.below(f'{task}/dropped')
  # What is over the cap was not looked at.
  seen = counts[f'{task}/read'] - dropped.get('over_cap', 0)
  empty = {
    reason: n
    for reason, n in dropped.items()
    if reason.startswith(_EMPTY) and reason not in RULES
  }
  if sum(empty.values()) <= _MAX_EMPTY_FRACTION * seen:
    return ''
  return f'most of {seen} records have a field without text: {_listed(empty)}'


def _listed(reasons: dict[str, int]) -> str:
  return ', '.join(f'{n} {reason}' for reason, n in reasons.items())
