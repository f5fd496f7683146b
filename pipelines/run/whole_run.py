"""Accounts and a summary for runs whose data sets are made of all sources.

They are few, so what is counted is held to the end; `task_accounts` and
`flan_summary` are for those of thousands.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping

from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.run.summary import size, table
from ul2_flan.tasks.manifest import Split


class WholeAccounts(abc.ABC):
  """Accounts that are looked at when all is counted; see `job.Accounts`.

  Attributes:
    mixtures: those that the plan has.
    left_out: nothing.
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
    """Takes the counts of some data sets."""
    del group
    self._counts.merge(counts)

  def end(self, counts: Counts, output: str) -> None:
    """Takes all others."""
    del output
    self._counts.merge(counts)
    self.check(self._counts)

  @staticmethod
  @abc.abstractmethod
  def check(counts: Counts) -> None:
    """As `job.Accounts`."""


class WholeSummary:
  """A line for each split of each data set, and more; see `job.Summary`."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    self._plan = plan
    self._output = output
    self._counts = Counts()
    features = plan.manifest['features']
    self._tokens = [f for f in ('inputs', 'targets') if f in features]
    self._rows: list[list[object]] = []

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Takes data sets, and what was counted, in."""
    self._counts.merge(counts)
    for name, splits in made.items():
      for split, info in splits.items():
        self._rows.append(
          [name, split, len(info.shards), info.examples]
          + [info.stats.get(f'{f}_tokens', 0) for f in self._tokens]
          + [size(sum(s.bytes for s in info.shards))]
        )

  def text(self, left_out: Mapping[str, str]) -> str:
    """All of it, when all is taken in."""
    del left_out  # nothing ever is
    header = ['data set', 'split', 'shards', 'examples']
    tokens = [f'{f} tokens' for f in self._tokens]
    parts = [table([*header, *tokens, 'bytes'], self._rows), *self._more()]
    return '\n\n'.join(filter(None, parts))

  def _more(self) -> list[str]:
    """What there is to say beside the data sets."""
    return []
