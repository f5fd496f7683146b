"""A run that is planned and not yet begun."""

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
  """A plan, where its output will go, and what to tell people about it.

  Attributes:
    plan: the plan.
    outline: what is particular to this run, for a person: solved denoisers,
      tasks by suite, the parts of a mixture.
    facts: the same for a program, as JSON.
    missing: names of tasks that were asked for and cannot be had, and why.
    output: the output folder; empty while nobody has named one.
  """

  plan: Plan
  outline: str = ''
  facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  missing: Mapping[str, str] = dataclasses.field(default_factory=dict)
  output: str = ''

  def refuse_missing(self, budget: Budget) -> None:
    """Refuses a strict run that lacks tasks.

    Raises:
      UserError: it does.
    """
    if self.missing and budget.strict:
      count = len(self.missing)
      some = '1 task is' if count == 1 else f'{count:,} tasks are'
      raise UserError(
        f'{some} missing, and the run is --strict: give their --source, or '
        'leave them out with --suites, --tasks or --without'
      )

  def refuse_no_output(self) -> None:
    """Refuses a run that would write to no folder.

    Raises:
      UserError: the output is empty.
    """
    if not self.output:
      raise UserError('--output is empty: name a folder')
