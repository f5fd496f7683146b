"""Tells a person what a finished UL2 run made."""

from ul2_flan.pipelines.run import Counts, quarantine
from ul2_flan.pipelines.run.summary import WholeSummary
from ul2_flan.pipelines.run.tables import table


class Ul2Summary(WholeSummary):
  """Tells what was made, and what became of every document and token."""

  def _more(self) -> list[str]:
    epochs = self._plan.config.get('epochs', 1)
    all_passes = f'{epochs} passes over the text, counted together:'
    return [
      all_passes if epochs > 1 else '',
      table(['documents', ''], _account(self._counts, 'documents')),
      table(['tokens', ''], _account(self._counts, 'tokens')),
      quarantine.where(self._output),
    ]


def _account(counts: Counts, unit: str) -> list[list[object]]:
  """Lists the counts of documents or tokens as a person wants to read them."""
  order = ('read', 'used', 'dropped', 'rejected', 'unknown')
  numbers = counts.below(unit)
  return [
    [name.replace('/', ': ').replace('_', ' '), n]
    for kind in order
    for name, n in numbers.items()
    if name.split('/')[0] == kind
  ]
