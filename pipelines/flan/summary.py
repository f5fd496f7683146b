"""The summary of a Flan run, for people: by suite and setting, not by task."""

from collections.abc import Iterator, Mapping

from ul2_flan.pipelines.flan.accounts import is_data_set
from ul2_flan.pipelines.run import Counts, Plan, quarantine
from ul2_flan.pipelines.run.tables import grouped, size, table
from ul2_flan.tasks.manifest import Split

_SIDES = ('inputs', 'targets')

# The counts of tasks, by their names in `accounts`, and how people read them.
_OF_TASKS = {
  'read': 'rows read',
  'used': 'rows used',
  'dropped': 'rows dropped',
  'rejected': 'rows rejected',
  'parts': 'instances not made, of rows that gave others',
}
# The counts of data sets. Whatever else they count comes last, under its own
# name.
_OF_DATA_SETS = {
  'rows': 'instances, once for each setting',
  'trimmed': 'instances trimmed',
  'rendered': 'examples made',
  'left_out': 'examples left out with their task',
  'dropped': 'examples dropped',
  'exemplars': 'exemplars shown',
  'unknown': 'unknown tokens of examples',
}
# A task is told of if so much of a side is unknown tokens.
_MANY_UNKNOWN = 0.1

# The first table has the examples and tokens of 'data'; uses of templates, on
# disk 'wordings', are too many.
_NOT_TOLD = ('data', 'wordings')


class FlanSummary:
  """Tells what a run made, and what became of rows; see `contract.Summary`."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    del plan
    self._output = output
    # Tasks, shards, examples, tokens and bytes, by suite, setting and split.
    self._made: dict[tuple[str, str, str], list[int]] = {}
    # The counts of all tasks, and of all data sets.
    self._of_tasks: dict[str, int] = {}
    self._of_data_sets: dict[str, int] = {}
    # Tasks with many unknown tokens, and how many.
    self._unknown: dict[str, str] = {}

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Adds a task: its data sets, none if it is left out, and its counts."""
    for name, splits in made.items():
      _, suite, *_, setting = name.split(':')
      for split, info in splits.items():
        total = self._made.setdefault((suite, setting, split), [0] * 6)
        tokens = [info.stats.get(f'{side}_tokens', 0) for side in _SIDES]
        written = sum(s.bytes for s in info.shards)
        more = (1, len(info.shards), info.examples, *tokens, written)
        for i, n in enumerate(more):
          total[i] += n
    for owner, numbers in counts.sums.items():
      sums = self._of_data_sets if is_data_set(numbers) else self._of_tasks
      for name, n in numbers.items():
        if name == 'rendered' and owner not in made:
          name = 'left_out'
        sums[name] = sums.get(name, 0) + n
    self._see_unknown(made, counts)

  def _see_unknown(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Remembers a task of which much is unknown tokens."""
    told = []
    for side in _SIDES:
      unknown = sum(counts[f'{name}/unknown/{side}'] for name in made)
      tokens = sum(
        info.stats.get(f'{side}_tokens', 0)
        for splits in made.values()
        for info in splits.values()
      )
      if unknown and unknown >= _MANY_UNKNOWN * tokens:
        # In tens, so that `grouped` finds tasks that are alike.
        told.append(f'{10 * (10 * unknown // tokens)}% or more of {side}')
    if told:
      task = next(iter(made)).partition(':')[2].rpartition(':')[0]
      self._unknown[task] = ', '.join(told)

  def text(self, left_out: Mapping[str, str]) -> str:
    """Writes the summary when all tasks are added."""
    parts = [self._table(), self._accounts()]
    if self._unknown:
      parts.append(f'many unknown tokens: {grouped(self._unknown)}')
    if left_out:
      parts.append(f'left out: {grouped(left_out)}')
    parts.append(quarantine.where(self._output))
    return '\n\n'.join(filter(None, parts))

  def _table(self) -> str:
    return table(
      [
        *('suite', 'setting', 'split', 'tasks', 'shards', 'examples'),
        *('inputs tokens', 'targets tokens', 'bytes'),
      ],
      [[*key, *n[:5], size(n[5])] for key, n in sorted(self._made.items())],
    )

  def _accounts(self) -> str:
    others = {name.partition('/')[0] for name in self._of_data_sets}
    others -= {*_OF_DATA_SETS, *_NOT_TOLD}
    words = _OF_DATA_SETS | {name: name for name in sorted(others)}
    lines = [
      *_lines(self._of_tasks, _OF_TASKS),
      *_lines(self._of_data_sets, words),
    ]
    return table(['what became of the rows', ''], lines)


def _lines(
  sums: Mapping[str, int], words: Mapping[str, str]
) -> Iterator[list[object]]:
  """Yields counts in the order of `words`, each with the rest of its name."""
  for first, told in words.items():
    for name, n in sorted(sums.items()):
      head, _, reason = name.partition('/')
      if head == first:
        line = f'{told}: {reason}' if reason else told
        yield [line.replace('_', ' '), n]
