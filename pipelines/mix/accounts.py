"""Checks that a mix run wrote the examples that were planned."""

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.accounts import WholeAccounts


class MixAccounts(WholeAccounts):
  """Judges the counts of a mix run. They are exact, so it needs no budget."""

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that each split has as many examples as places.

    Raises:
      AssertionError: one has not.
    """
    for split in ('train', 'validation'):
      planned = counts[f'mix/{split}/places']
      written = counts[f'mix/{split}/examples']
      if planned != written:
        raise AssertionError(
          f'{split}: {written} examples were written of {planned} planned'
        )


def records(counts: Counts) -> dict[str, int]:
  """Counts the examples of a work item; none is dropped or rejected."""
  return {
    'read': sum(
      n for name, n in counts.below('mix').items() if name.endswith('/examples')
    )
  }
