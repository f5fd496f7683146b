"""What a person reads of a finished mix run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.summary import DataSets, table
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.manifest import Split


class MixSummary:
  """What was made, what of it repeats, and how full packed sequences are."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    del output
    self._config = plan.config
    self._data_sets = DataSets(plan)
    self._counts = Counts()

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Takes the data set, or what is counted beside it, in."""
    self._data_sets.add(made)
    self._counts.merge(counts)

  def text(self, left_out: Mapping[str, str]) -> str:
    """All of it, when all is taken in."""
    del left_out  # nothing ever is
    parts = [self._data_sets.text(), _members(self._config)]
    if 'packing' in self._counts.sums:
      parts.append(_packing(self._counts))
    return '\n\n'.join(parts)


def _members(config: Mapping[str, Any]) -> str:
  """Members and examples, by how often an example is there."""
  rows: list[list[object]] = []
  for split, members in config['members'].items():
    epochs = config['splits'][split]['epochs']
    for label, low, high in (
      ('not at all', 0, 0),
      ('once at most', 1, 1),
      ('twice at most', 2, 2),
      ('up to ten times', 3, 10),
      ('more often', 11, float('inf')),
    ):
      own = [
        (n, epochs * count)
        for _, n, count in members.values()
        if low <= -(-epochs * count // n) <= high
      ]
      if own:
        total = sum(count for _, count in own)
        rows.append([split, label, len(own), total])
  return table(['split', 'an example is there', 'members', 'examples'], rows)


def _packing(counts: Counts) -> str:
  rows: list[list[object]] = []
  for split in ('train', 'validation'):
    for side in ('inputs', 'targets'):
      where = f'packing/{split}/{side}'
      if room := counts[f'{where}/room']:
        full = counts[f'{where}/tokens'] / room
        rows.append([split, side, counts[f'{where}/tokens'], f'{full:.1%}'])
  return table(['split', 'packed', 'tokens', 'full'], rows)
