"""Checks that no question is lost, and makes the mixtures of what there is.

The counts are those of data sets, by name on disk:

    questions = prompts + rejected/<reason> + dropped/no_label
    prompts · samples, or choices = data/test/all/examples
    exemplars shown and dropped      exemplars/<shown or dropped>
    prompts with fewer exemplars     prompts_cut
    unknown tokens of prompts        unknown/<feature>
"""

from collections.abc import Mapping

from ul2_flan.pipelines.run import Budget, Counts, Plan, paths
from ul2_flan.pipelines.run.counts import under
from ul2_flan.pipelines.run.tables import listed
from ul2_flan.tasks.errors import UserError


class EvaluationAccounts:
  """Judges the counts of a run, task by task; see `contract.Accounts`.

  Attributes:
    mixtures: one of all data sets, one for each suite, and one for each suite
      in each variant: for evaluation alone, since they have no training split.
    left_out: always empty.
  """

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""
    self._plan = plan
    self._budget = budget
    self._questions = 0
    self._rejected: dict[str, int] = {}
    self.left_out: dict[str, str] = {}
    self.mixtures: dict[str, dict[str, float]] = {}

  def close(self, group: str, counts: Counts) -> None:
    """Takes the counts of a task's data sets."""
    self.check(counts)
    run, samples = self._plan.config['name'], self._plan.config['samples']
    for data_set, numbers in counts.sums.items():
      examples = numbers.get('data/test/all/examples', 0)
      made = numbers.get('choices', samples * numbers.get('prompts', 0))
      if examples != made:
        raise AssertionError(
          f'{data_set}: {examples} examples are not {samples} of each prompt, '
          'nor all choices'
        )
      self._questions += numbers['questions']
      for reason, n in under(numbers, 'rejected/').items():
        self._rejected[reason] = self._rejected.get(reason, 0) + n
      suite, _, variant = data_set.removeprefix(f'{run}:').split(':')
      if examples:
        for name in (run, f'{run}:{suite}', f'{run}:{suite}:{variant}'):
          self.mixtures.setdefault(name, {})[data_set] = 1.0

  def end(self, counts: Counts, output: str) -> None:
    """Ends the accounts.

    Raises:
      UserError: too many questions are rejected, or all of them.
    """
    self.check(counts)
    rejected = sum(self._rejected.values())
    most = self._budget.max_reject_fraction
    if rejected > most * self._questions or not self.mixtures:
      raise UserError(
        f'{rejected} of {self._questions} questions are rejected '
        f'({listed(self._rejected)}), more than --max_reject_fraction {most} '
        f'allows; they are in {paths.quarantine_folder(output)}. Give a longer '
        '--inputs_length to those that are too long, and mend rows that are no '
        'questions; or run the same command with a larger fraction: nothing '
        'will be done twice'
      )

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that each question is asked, rejected or dropped.

    Raises:
      AssertionError: the counts of a data set do not add up.
    """
    for data_set, numbers in counts.sums.items():
      total = numbers.get('prompts', 0)
      for what in ('rejected/', 'dropped/'):
        total += sum(under(numbers, what).values())
      if total != numbers.get('questions', 0):
        raise AssertionError(
          f'{data_set}: {total} of {numbers.get("questions", 0)} questions are '
          'accounted for'
        )


def records(counts: Counts) -> Mapping[str, int]:
  """Counts the questions that a work item read and rejected."""
  of = counts.sums.values()
  return {
    'read': sum(numbers.get('questions', 0) for numbers in of),
    **{
      what: sum(n for one in of for n in under(one, f'{what}/').values())
      for what in ('dropped', 'rejected')
    },
  }
