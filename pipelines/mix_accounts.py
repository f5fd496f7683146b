"""What became of the examples of a mix run."""

from __future__ import annotations

from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.work import Plan


class MixAccounts:
  """The accounts of a run, which makes one data set.

  Attributes:
    mixtures: none: it is one already.
  """

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing; counts are exact, so there is no budget."""
    del plan, budget
    self._counts = Counts()
    self.mixtures: dict[str, dict[str, float]] = {}

  def close(self, group: str, counts: Counts) -> str:
    """Takes the counts of the data set; it is not left out."""
    del group
    self._counts.merge(counts)
    return ''

  def end(self, counts: Counts, output: str) -> None:
    """Takes all others."""
    del output
    self.check(Counts.sum((self._counts, counts)))

  @staticmethod
  def check(counts: Counts) -> None:
    """Every example that was planned is there.

    Raises:
      AssertionError: some are not.
    """
    for split in ('train', 'validation'):
      planned = counts[f'mix/{split}/places']
      written = counts[f'mix/{split}/examples']
      if planned != written:
        raise AssertionError(
          f'{split}: {written} examples were written of {planned} planned'
        )
