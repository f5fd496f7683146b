"""The summary of a search: how much of each task is touched, and by what."""

from collections import Counter
from collections.abc import Iterator, Mapping

from ul2_flan.pipelines.run import Counts, Plan, quarantine
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks.evaluation import suites
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
    of_suites: Counter[tuple[str, str]] = Counter()
    touched: list[list[object]] = []
    for task, numbers in self._counts.sums.items():
      suite = task.partition(':')[0]
      if suite not in suites.names() or 'items' not in numbers:
        continue
      for what in ('items', 'touched', 'not_judged'):
        of_suites[suite, what] += numbers.get(what, 0)
      if numbers.get('touched'):
        touched.append([task, numbers['items'], numbers['touched']])
    header = ['suite', 'items', 'touched', 'too short or of common words']
    rows = [
      [
        suite,
        *(of_suites[suite, w] for w in ('items', 'touched', 'not_judged')),
      ]
      for suite in sorted({suite for suite, _ in of_suites})
    ]
    yield table(header, rows)
    if touched:
      yield table(['task', 'items', 'touched'], sorted(touched))
      yield self._touchers()

  def _touchers(self) -> str:
    found: dict[str, dict[str, int]] = {}
    for name, n in self._counts.below('by').items():
      task, _, what = name.rpartition('/')
      found.setdefault(task, {})[what] = n
    order = sorted(
      found.items(), key=lambda one: (-one[1].get('items', 0), one[0])
    )
    rows: list[list[object]] = [
      [task, numbers.get('items', 0), numbers.get('texts', 0)]
      for task, numbers in order[:_LISTED]
    ]
    if len(order) > _LISTED:
      rows.append([f'and {len(order) - _LISTED:,} more', '', ''])
    return table(['training task', 'items touched', 'texts that do'], rows)

  def _missing_keys(self) -> Iterator[str]:
    if missing := self._counts['keys/missing']:
      yield (
        f'{missing:,} texts have no key, so --without_keys cannot leave them '
        'out: make their runs anew with --provenance'
      )
