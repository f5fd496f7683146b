"""Checks that no row and no example is lost, and leaves out bad tasks.

The counts of a run are those of its tasks, which read rows, and those of its
data sets, which make examples of instances. They add up, by name on disk:

    rows of a task         read = used + dropped/<reason> + rejected/<reason>
    those that no cap saw, of these  unread/<reason>
    instances not made,
      of rows with several   parts/<reason>
    errors of a task         failed
    instances of a data set  rows = rendered + dropped/<reason>
    examples of a data set   rendered = data/<split>/all/examples, added up
    unknown tokens of these  unknown/<feature>
    instances trimmed        trimmed
    exemplars shown          exemplars
    uses of each template    wordings/<label>

`reasons` says which rows are dropped and which are rejected.
"""

from collections.abc import Mapping, Sequence

from ul2_flan.pipelines.flan.context import task_of
from ul2_flan.pipelines.flan.reasons import is_empty_field, is_fault
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import is_released
from ul2_flan.pipelines.run import Budget, Counts, Plan, paths
from ul2_flan.pipelines.run.counts import under
from ul2_flan.pipelines.run.tables import listed
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import Setting

# Where a field is empty in more of a task's rows, a column is probably not what
# the catalog takes it for.
_MAX_EMPTY_FRACTION = 0.5

# A run of the whole collection has 1,836 tasks; an error lists so many.
_LISTED = 20


def is_data_set(numbers: Mapping[str, int]) -> bool:
  """Returns whether counts are those of a data set; else they are a task's.

  >>> is_data_set({'rows': 9, 'rendered': 9}), is_data_set({'read': 9})
  (True, False)
  """
  return any(
    name in ('rows', 'rendered') or name.startswith('data/') for name in numbers
  )


def _check_task(task: str, numbers: Mapping[str, int]) -> None:
  read = numbers.get('read', 0)
  total = numbers.get('used', 0)
  total += _sum(numbers, 'dropped/') + _sum(numbers, 'rejected/')
  if total != read:
    raise AssertionError(f'{task}: {total} of {read} rows are accounted for')


def _check_data_set(data_set: str, numbers: Mapping[str, int]) -> None:
  instances, rendered = numbers.get('rows', 0), numbers.get('rendered', 0)
  total = rendered + _sum(numbers, 'dropped/')
  examples = sum(
    n for name, n in under(numbers, 'data/').items() if _is_examples(name)
  )
  if (total, examples) != (instances, rendered):
    raise AssertionError(
      f'{data_set}: {total} of {instances} instances are accounted for, and '
      f'{examples} of {rendered} examples'
    )


def _is_examples(name: str) -> bool:
  return name.endswith('/examples')


def _sum(numbers: Mapping[str, int], head: str) -> int:
  return sum(under(numbers, head).values())


class FlanAccounts:
  """Judges the counts of a run, task by task; see `contract.Accounts`.

  Attributes:
    mixtures: one of all data sets, and one for each suite in each setting. For
      a task without options, one data set is in both settings' mixtures. A
      rate is the number of training examples, up to the task's cap.
    left_out: tasks with too many rejects or without an example, and why.
  """

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""
    self._plan = plan
    self._budget = budget
    self.left_out: dict[str, str] = {}
    self.mixtures: dict[str, dict[str, float]] = {}
    self._read = 0
    self._rejected: dict[str, int] = {}

  def close(self, group: str, counts: Counts) -> None:
    """Takes the counts of a task and of its data sets."""
    self.check(counts)
    self._read += counts[f'{group}/read']
    if group == SUITE:
      # A dump's rows of no task; all others are their tasks'.
      self._rejected = counts.below(f'{SUITE}/rejected')
      return
    data_sets = self._plan.groups[group].data_sets
    if reason := self._why_left_out(group, data_sets, counts):
      self.left_out[group] = reason
      return
    task = task_of(self._plan.config, group)
    for data_set in data_sets:
      train = counts.below(f'{data_set}/data/train')
      examples = sum(n for name, n in train.items() if _is_examples(name))
      if examples:
        name = self._plan.config['name']
        settings = self._settings_of(data_set, task, data_sets)
        for mixture in (name, *(f'{name}:{task.suite}:{s}' for s in settings)):
          rates = self.mixtures.setdefault(mixture, {})
          rates[data_set] = float(min(examples, task.cap or examples))

  def _settings_of(
    self, data_set: str, task: Task, data_sets: Sequence[str]
  ) -> list[str]:
    """Returns the settings of a run that a data set of a task stands for."""
    head, _, setting = data_set.rpartition(':')
    other = str(Setting.parse(setting).counterpart)
    stands_in = (
      task.options == 'none'
      and other in self._plan.config['settings']
      and f'{head}:{other}' not in data_sets
    )
    return [setting, *[other] * stands_in]

  def _why_left_out(
    self, task: str, data_sets: Sequence[str], counts: Counts
  ) -> str:
    """Returns why a task cannot be used; empty if it can."""
    read = counts[f'{task}/read']
    rejected = counts.below(f'{task}/rejected')
    most = self._budget.max_reject_fraction
    if counts[f'{task}/failed']:
      return 'it could not be rendered; the quarantine has the error'
    bad, wanted = _wanted(counts, task)
    if bad > most * wanted:
      cap = f', of which the cap wants {wanted:.0f},' if wanted < read else ''
      return (
        f'{listed(rejected)} of {read} rows{cap} rejected, more than '
        f'--max_reject_fraction {most} allows'
      )
    if empty := _mostly_empty(counts, task):
      return empty
    if is_released(self._plan, task) and not read:
      return 'no row of it is in the dump'
    if not any(counts[f'{d}/rendered'] for d in data_sets):
      dropped = counts.below(f'{task}/dropped')
      # All settings lose the same instances, or nearly: one of them tells why.
      for data_set in data_sets[:1]:
        dropped |= counts.below(f'{data_set}/dropped')
      return f'no example of {read} rows ({listed(dropped) or "empty"})'
    return ''

  def end(self, counts: Counts, output: str) -> None:
    """Ends the accounts.

    Raises:
      UserError: tasks are left out and the run is strict, or all tasks are.
    """
    self.check(counts)
    most = self._budget.max_reject_fraction
    if sum(self._rejected.values()) > most * self._read:
      raise UserError(
        f'{listed(self._rejected)} of {self._read} rows rejected, more than '
        f'--max_reject_fraction {most} allows. They are in '
        f'{paths.quarantine_folder(output)}: mend the sources, or run the same '
        'command with a larger --max_reject_fraction'
      )
    groups = self._plan.groups
    left_out, total = self.left_out, len(groups) - (SUITE in groups)
    strict = self._budget.strict
    if left_out and (strict or len(left_out) == total):
      lines = [f'{task}: {why}' for task, why in left_out.items()]
      raise UserError(
        f'{len(left_out)} of {total} tasks cannot be used:\n  '
        + '\n  '.join(lines[:_LISTED])
        + f'\nWhat was rejected is in {paths.quarantine_folder(output)}. '
        'Mend the sources, leave these tasks out with --without, or run the '
        'same command with a larger --max_reject_fraction'
        + (' or without --strict' if strict else '')
      )

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that no row, no instance and no example is lost.

    Raises:
      AssertionError: the counts of a task or data set do not add up.
    """
    for owner, numbers in counts.sums.items():
      if is_data_set(numbers):
        _check_data_set(owner, numbers)
      else:
        _check_task(owner, numbers)


def _wanted(counts: Counts, task: str) -> tuple[float, float]:
  """Estimates how many of the rows that a cap wants are rejected.

  Nobody looked at the rows over the cap. A row that cannot be read has no rank,
  so that the cap does not say whether it is wanted: such rows count by the
  share that is wanted of the others.

  Returns:
    the rows rejected, and all rows, without those that the cap does not want.
  """
  unread = counts.below(f'{task}/unread')
  faults = sum(n for reason, n in unread.items() if is_fault(reason))
  rejected = sum(counts.below(f'{task}/rejected').values())
  read = counts[f'{task}/read']
  ranked = read - sum(unread.values())
  over_cap = counts[f'{task}/dropped/over_cap']
  share = 1 - over_cap / ranked if ranked else 1.0
  return rejected - faults + share * faults, share * read


def _mostly_empty(counts: Counts, task: str) -> str:
  """Returns which fields are empty in most rows of a task, if there are any."""
  dropped = counts.below(f'{task}/dropped')
  # Nobody looked at the rows over the cap.
  seen = counts[f'{task}/read'] - dropped.get('over_cap', 0)
  empty = {r: n for r, n in dropped.items() if is_empty_field(r)}
  if sum(empty.values()) <= _MAX_EMPTY_FRACTION * seen:
    return ''
  return f'most of {seen} rows have a field without text: {listed(empty)}'


def records(counts: Counts) -> dict[str, int]:
  """Counts the rows that a work item read, dropped and rejected."""
  total = {'read': 0, 'dropped': 0, 'rejected': 0}
  for numbers in counts.sums.values():
    if not is_data_set(numbers):
      total['read'] += numbers.get('read', 0)
      for outcome in ('dropped', 'rejected'):
        total[outcome] += _sum(numbers, f'{outcome}/')
  return total
