"""Accounts for every document and token of a UL2 run.

documents/read = used + dropped/<reason> + rejected/<reason>
tokens/read = used + dropped/<reason>
passes/<number>/documents and /tokens are the same in all passes of --epochs
<data set>/data/<split>/<denoiser>/source_tokens, added up = tokens/used
"""

from ul2_flan.pipelines.run import Counts, paths
from ul2_flan.pipelines.run.accounts import WholeAccounts
from ul2_flan.pipelines.run.tables import listed
from ul2_flan.tasks.errors import UserError


class Ul2Accounts(WholeAccounts):
  """Judges the counts of a UL2 run."""

  def end(self, counts: Counts, output: str) -> None:
    """Takes the counts of documents and tokens.

    Raises:
      UserError: too many documents were rejected, or no example was made.
    """
    super().end(counts, output)
    rejected = self._counts.below('documents/rejected')
    read = self._counts['documents/read']
    most = self._budget.max_reject_fraction
    if sum(rejected.values()) > most * read:
      raise UserError(
        f'{sum(rejected.values())} of {read} records were rejected '
        f'({listed(rejected)}), more than --max_reject_fraction {most} '
        f'allows. They are kept in {paths.quarantine_folder(output)}. '
        'Mend the source, or run the same command with a larger fraction: '
        'nothing will be done twice.'
      )
    if not self._counts['tokens/used']:
      dropped = self._counts.below('documents/dropped')
      raise UserError(
        f'no example was made of {read} documents; dropped: '
        f'{listed(dropped) or "none"}'
      )

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that each document and token is used, dropped or rejected.

    Raises:
      AssertionError: the counts of a run do not add up.
    """
    unused = records(counts)
    documents = counts['documents/used'] + unused['dropped']
    documents += unused['rejected']
    tokens = counts['tokens/used']
    tokens += sum(counts.below('tokens/dropped').values())
    examples = sum(
      n
      for numbers in counts.sums.values()
      for name, n in numbers.items()
      if name.endswith('/source_tokens')
    )
    read_in = [
      {unit: counts[f'passes/{n}/{unit}'] for unit in ('documents', 'tokens')}
      for n in {name.split('/')[0] for name in counts.below('passes')}
    ]
    if any(read != read_in[0] for read in read_in):
      raise AssertionError(f'the passes have not read the same: {read_in}')
    if (documents, tokens, examples) != tuple(
      counts[name] for name in ('documents/read', 'tokens/read', 'tokens/used')
    ):
      raise AssertionError(
        f'the accounts do not add up: {documents} of '
        f'{counts["documents/read"]} documents, {tokens} of '
        f'{counts["tokens/read"]} tokens, {examples} tokens in examples of '
        f'{counts["tokens/used"]} used'
      )


def records(counts: Counts) -> dict[str, int]:
  """Counts the documents that a work item read, dropped and rejected."""
  return {
    'read': counts['documents/read'],
    'dropped': sum(counts.below('documents/dropped').values()),
    'rejected': sum(counts.below('documents/rejected').values()),
  }
