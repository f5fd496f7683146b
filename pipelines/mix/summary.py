"""The summary of a finished mix run, for people."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.summary import WholeSummary
from ul2_flan.pipelines.run.tables import table


class MixSummary(WholeSummary):
  """Tells what was made, how often it repeats, and how full sequences are."""

  def _more(self) -> list[str]:
    parts = [_members(self._plan.config), _left_out(self._counts)]
    if 'packing' in self._counts.sums:
      parts.append(_packing(self._counts))
    return parts


def _members(config: Mapping[str, Any]) -> str:
  """Counts members and examples by how often an example is used."""
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
      within = [
        (n, epochs * count)
        for _, n, count in members.values()
        # How often its most used example is there: division that rounds up.
        if low <= -(-epochs * count // n) <= high
      ]
      if within:
        total = sum(count for _, count in within)
        rows.append([split, label, len(within), total])
  return table(['split', 'an example is there', 'members', 'examples'], rows)


def _left_out(counts: Counts) -> str:
  """Counts the examples that keys left out; empty if there are none."""
  rows: list[list[object]] = [
    [split, n]
    for split in ('train', 'validation')
    if (n := counts[f'mix/{split}/left_out_by_key'])
  ]
  return table(['split', 'examples left out by key'], rows) if rows else ''


def _packing(counts: Counts) -> str:
  """Says how full packed sequences are, by split and side."""
  rows: list[list[object]] = []
  for split in ('train', 'validation'):
    for side in ('inputs', 'targets'):
      where = f'packing/{split}/{side}'
      if room := counts[f'{where}/room']:
        full = counts[f'{where}/tokens'] / room
        rows.append([split, side, counts[f'{where}/tokens'], f'{full:.1%}'])
  return table(['split', 'packed', 'tokens', 'full'], rows)
