"""What a person reads of a finished UL2 run."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines import files, quarantine
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.summary import DataSets, table
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.manifest import Split


class DenoiseSummary:
  """What a run made, and what became of every document and token."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    self._output = output
    self._data_sets = DataSets(plan)
    self._counts = Counts()

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Takes data sets, or what is counted of none, in."""
    self._data_sets.add(made)
    if not made:
      self._counts.merge(counts)

  def text(self, left_out: Mapping[str, str]) -> str:
    """All of it, when all is taken in."""
    del left_out  # nothing ever is
    parts = [
      self._data_sets.text(),
      table(['documents', ''], _account(self._counts, 'documents')),
      table(['tokens', ''], _account(self._counts, 'tokens')),
    ]
    if self._counts.below('documents/rejected'):
      folder = files.join(self._output, quarantine.FOLDER)
      parts.append(f'what was rejected is kept in {folder}')
    return '\n\n'.join(parts)


def _account(counts: Counts, unit: str) -> list[list[object]]:
  order = ('read', 'used', 'dropped', 'rejected', 'unknown')
  found = counts.below(unit)
  return [
    [name.replace('/', ': ').replace('_', ' '), n]
    for kind in order
    for name, n in found.items()
    if name.split('/')[0] == kind
  ]
