"""The summary of a search: how much of each task is touched, and by what."""

from collections.abc import Iterator, Mapping, Sequence

from ul2_flan.pipelines.contamination import found as found_lib
from ul2_flan.pipelines.run import Counts, Plan, quarantine
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks.manifest import Split

# Training tasks that are listed; the data set of items has all.
_LISTED = 40


class ContaminationSummary:
  """Tells what was found; see `contract.Summary`."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    self._plan, self._output = plan, output
    self._counts = Counts()

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Adds counts."""
    del made  # it has files of lines
    self._counts.merge(counts)

  def text(self, left_out: Mapping[str, str]) -> str:
    """Writes the summary."""
    del left_out  # a search leaves nothing out
    rule = self._plan.manifest['run']['rule']
    parts = [
      f'{self._counts["texts/read"]:,} texts were looked through; an item is '
      f'touched by {rule["description"]}',
      *self._tables(),
      *self._missing_keys(),
      quarantine.where(self._output),
    ]
    return '\n\n'.join(filter(None, parts))

  def _tables(self) -> Iterator[str]:
    found = found_lib.of(self._counts)
    header = ['suite', 'items', 'touched', 'too short or of common words']
    yield table(header, found.suites)
    if not found.tasks:
      return
    yield table(['task', 'items', 'touched'], found.tasks)
    rows: list[Sequence[object]] = [*found.touchers[:_LISTED]]
    if len(found.touchers) > _LISTED:
      rows.append([f'and {len(found.touchers) - _LISTED:,} more', '', ''])
    yield table(['training task', 'items touched', 'texts that do'], rows)

  def _missing_keys(self) -> Iterator[str]:
    if missing := self._counts['keys/missing']:
      yield (
        f'{missing:,} texts have no key, so --without_keys cannot leave them '
        'out: make their runs anew with --provenance'
      )
