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

from collections.abc import Mapping, Sequence

from ul2_flan.pipelines.flan.context import task_of
from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.counts import Counts, under
from ul2_flan.pipelines.run.plan import Plan
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


class FlanAccounts:
  """The accounts of a run: each task's are its own.

  Attributes:
    mixtures: all data sets, and each suite's in each setting. Rates are
      proportional to the examples up to the task's cap.
    left_out: tasks with too many rejects or without an example, and why.
  """

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""
    self._plan = plan
    self._budget = budget
    self.left_out: dict[str, str] = {}
    self.mixtures: dict[str, dict[str, float]] = {}

  def close(self, group: str, counts: Counts) -> None:
    """Takes a task's counts."""
    self.check(counts)
    data_sets = self._plan.groups[group].data_sets
    if reason := self._why_left_out(group, data_sets, counts):
      self.left_out[group] = reason
      return
    task = task_of(self._plan.config, group)
    for data_set in data_sets:
      found = counts.below(f'{data_set}/data/train')
      examples = sum(n for k, n in found.items() if k.endswith('/examples'))
      if examples:
        setting = data_set.rsplit(':', 1)[1]
        name = self._plan.config['name']
        for mixture in (name, f'{name}:{task.suite}:{setting}'):
          rates = self.mixtures.setdefault(mixture, {})
          rates[data_set] = float(min(examples, task.cap))

  def _why_left_out(
    self, task: str, data_sets: Sequence[str], counts: Counts
  ) -> str:
    read = counts[f'{task}/read']
    rejected = counts.below(f'{task}/rejected')
    most = self._budget.max_reject_fraction
    if counts[f'{task}/failed']:
      return 'it could not be rendered; the quarantine has the error'
    if sum(rejected.values()) > most * read:
      return (
        f'{_listed(rejected)} of {read} records rejected, more than '
        f'--max_reject_fraction {most} allows'
      )
    if empty := _mostly_empty(counts, task):
      return empty
    if not any(counts[f'{d}/rendered'] for d in data_sets):
      dropped = counts.below(f'{task}/dropped')
      for data_set in data_sets[:1]:
        dropped |= counts.below(f'{data_set}/dropped')
      return f'no example of {read} records ({_listed(dropped) or "empty"})'
    return ''

  def end(self, counts: Counts, output: str) -> None:
    """Ends the accounts.

    Raises:
      UserError: tasks are left out and the run is strict, or all tasks are.
    """
    self.check(counts)
    found, total = self.left_out, len(self._plan.groups)
    strict = self._budget.strict
    if found and (strict or len(found) == total):
      lines = [f'{task}: {why}' for task, why in list(found.items())[:20]]
      raise UserError(
        f'{len(found)} of {total} tasks cannot be used:\n  '
        + '\n  '.join(lines)
        + f'\nWhat was rejected is in {paths.quarantine_folder(output)}. '
        'Mend the sources, leave these tasks out with --without, or run the '
        'same command with a larger --max_reject_fraction'
        + (' or without --strict' if strict else '')
      )

  @staticmethod
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


def records(counts: Counts) -> dict[str, int]:
  """Counts the rows that a work item read, dropped and rejected."""
  found = {'read': 0, 'dropped': 0, 'rejected': 0}
  for numbers in counts.sums.values():
    if not is_data_set(numbers):
      found['read'] += numbers.get('read', 0)
      for kind in ('dropped', 'rejected'):
        found[kind] += _sum(numbers, f'{kind}/')
  return found
