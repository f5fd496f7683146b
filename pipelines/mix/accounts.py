"""What became of the examples of a mix run."""

from __future__ import annotations

from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.run.whole_run import WholeAccounts


class MixAccounts(WholeAccounts):
  """The accounts of a run: counts are exact, so that there is no budget."""

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
