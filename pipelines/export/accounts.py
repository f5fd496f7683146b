"""Checks that an export has the examples of its run."""

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.accounts import WholeAccounts


class ExportAccounts(WholeAccounts):
  """Judges the counts of an export. They are exact, so it needs no budget."""

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that all examples that were read were written.

    Raises:
      AssertionError: some were not.
    """
    read, written = (counts[f'export/{what}'] for what in ('read', 'written'))
    if read != written:
      raise AssertionError(f'{written} examples were written of {read}')


def records(counts: Counts) -> dict[str, int]:
  """Counts the examples of a work item; none is dropped or rejected."""
  return {'read': counts['export/read']}
