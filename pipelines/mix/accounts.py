"""Checks that a mix run wrote the examples that were planned."""

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.accounts import WholeAccounts


class MixAccounts(WholeAccounts):
  """Judges the counts of a mix run. They are exact, so it needs no budget."""

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that each place has an example, or one that was left out.

    Raises:
      AssertionError: one has not.
    """
    for split in ('train', 'validation'):
      planned = counts[f'mix/{split}/places']
      left_out = counts[f'mix/{split}/left_out_by_key']
      written = counts[f'mix/{split}/examples']
      if planned != written + left_out:
        raise AssertionError(
          f'{split}: {written} examples were written of {planned} planned, and '
          f'{left_out} left out'
        )


def records(counts: Counts) -> dict[str, int]:
  """Counts the examples of a work item; none is rejected."""
  splits = ('train', 'validation')
  return {
    'read': sum(counts[f'mix/{split}/places'] for split in splits),
    'dropped': sum(counts[f'mix/{split}/left_out_by_key'] for split in splits),
  }
