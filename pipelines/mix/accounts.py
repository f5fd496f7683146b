"""What became of the examples of a mix run."""

from __future__ import annotations

from ul2_flan.pipelines.run.accounts import WholeAccounts
from ul2_flan.pipelines.run.counts import Counts


class MixAccounts(WholeAccounts):
  """Judges the counts of a mix run, which are exact: it needs no budget."""

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that every example that was planned is there.

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


def records(counts: Counts) -> dict[str, int]:
  """Counts the examples that a work item took; none is dropped or rejected."""
  return {
    'read': sum(
      n for name, n in counts.below('mix').items() if name.endswith('/examples')
    )
  }
