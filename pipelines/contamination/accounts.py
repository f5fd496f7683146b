"""Checks that each text that touches an item has its line.

texts/read, texts/rejected, texts/touched
<run's data set>/data/test/all/examples, added up = texts/touched
<task of a suite>/items, touched, not_judged
by/<training task>/items, texts
keys/missing     texts without a key
"""

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.accounts import WholeAccounts


class ContaminationAccounts(WholeAccounts):
  """Judges the counts of a search. They are exact, so it needs no budget."""

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that all texts that are touched were written.

    Raises:
      AssertionError: some were not.
    """
    written = sum(
      numbers.get('data/test/all/examples', 0)
      for name, numbers in counts.sums.items()
      if name.endswith(':texts')
    )
    touched = counts['texts/touched']
    if written != touched:
      raise AssertionError(f'{written} texts were written of {touched}')


def records(counts: Counts) -> dict[str, int]:
  """Counts the texts of a work item."""
  return {'read': counts['texts/read'], 'rejected': counts['texts/rejected']}
