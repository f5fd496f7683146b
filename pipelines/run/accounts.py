"""Accounts of a run whose data sets are all made from all of its sources.

There are few such data sets, so all counts are kept to the end. A Flan run has
thousands and closes the accounts of one task after another (`flan.accounts`).
"""

import abc

from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Plan


class WholeAccounts(abc.ABC):
  """Adds everything up before it judges; see `contract.Accounts`.

  Attributes:
    mixtures: those of the plan.
    left_out: always empty.
  """

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""
    self._budget = budget
    self._counts = Counts()
    self.mixtures: dict[str, dict[str, float]] = plan.manifest.get(
      'mixtures', {}
    )
    self.left_out: dict[str, str] = {}

  def close(self, group: str, counts: Counts) -> None:
    """Adds the counts of a group."""
    del group
    self._counts.merge(counts)

  def end(self, counts: Counts, output: str) -> None:
    """Adds what belongs to no group, and checks the sums."""
    del output
    self._counts.merge(counts)
    self.check(self._counts)

  @staticmethod
  @abc.abstractmethod
  def check(counts: Counts) -> None:
    """Checks that nothing is lost; see `contract.Accounts`."""
