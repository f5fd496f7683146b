"""What a person reads of a Flan run: by suite and setting, not by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ul2_flan.pipelines.flan.accounts import is_data_set
from ul2_flan.pipelines.run import quarantine
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.run.tables import size, table
from ul2_flan.tasks.manifest import Split

# Lines of a list; a run of the whole collection has 1,836 tasks.
_LISTED = 8

# Of `task_accounts`, what is listed of tasks and of data sets, in this order.
# Whatever else a data set counts comes last, but for what is told elsewhere.
_RECORDS = {
  'read': 'records read',
  'used': 'records used',
  'dropped': 'records dropped',
  'rejected': 'records rejected',
  'parts': 'parts of records dropped',
}
_ROWS = {
  'rows': 'rows made',
  'rendered': 'rows rendered',
  'left_out': 'rows rendered, left out with their task',
  'dropped': 'rows dropped',
  'trimmed': 'rows trimmed',
}
_ELSEWHERE = ('data', 'wordings')


class FlanSummary:
  """What a run made, and what became of every record and row."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    del plan
    self._output = output
    # Tasks, shards, examples, tokens and bytes, by suite, setting and split.
    self._made: dict[tuple[str, str, str], list[int]] = {}
    # What became of records of all tasks, and of rows of all data sets.
    self._records: dict[str, int] = {}
    self._rows: dict[str, int] = {}

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Takes a task in: its data sets, none if it is left out, and counts."""
    for name, splits in made.items():
      _, suite, *_, setting = name.split(':')
      for split, info in splits.items():
        own = self._made.setdefault((suite, setting, split), [0] * 6)
        for i, n in enumerate(
          (
            1,
            len(info.shards),
            info.examples,
            info.stats.get('inputs_tokens', 0),
            info.stats.get('targets_tokens', 0),
            sum(s.bytes for s in info.shards),
          )
        ):
          own[i] += n
    for owner, numbers in counts.sums.items():
      total = self._rows if is_data_set(numbers) else self._records
      for name, n in numbers.items():
        if name == 'rendered' and owner not in made:
          name = 'left_out'
        total[name] = total.get(name, 0) + n

  def text(self, left_out: Mapping[str, str]) -> str:
    """All of it, when all is taken in."""
    parts = [self._table(), self._accounts()]
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
    others = {name.partition('/')[0] for name in self._rows}
    others -= {*_ROWS, *_ELSEWHERE}
    names = _ROWS | {name: name for name in sorted(others)}
    lines = [*_lines(self._records, _RECORDS), *_lines(self._rows, names)]
    return table(['what became of them', ''], lines)


def _lines(
  total: Mapping[str, int], names: Mapping[str, str]
) -> Iterator[list[object]]:
  """Counts in the order of `names`, each with the rest of its name."""
  for name, told in names.items():
    for own, n in sorted(total.items()):
      first, _, reason = own.partition('/')
      if first == name:
        words = f'{told}: {reason}' if reason else told
        yield [words.replace('_', ' '), n]


def grouped(tasks: Mapping[str, str]) -> str:
  """Tasks and reasons: a line each, or if these are too many, for each suite.

  >>> names = [f'cot:{i}' for i in range(9)]
  >>> print(grouped(dict.fromkeys(names, 'no file') | {'niv2:a': 'bad'}))
  10 tasks
    cot: 9 tasks, no file; the first is cot:0
    niv2:a: bad
  """
  alike: dict[tuple[str, str], list[str]] = {}
  for task, why in tasks.items():
    suite = task.partition(':')[0] if len(tasks) > _LISTED else task
    alike.setdefault((suite, why), []).append(task)
  lines = [
    f'{names[0]}: {why}'
    if len(names) == 1
    else f'{suite}: {len(names):,} tasks, {why}; the first is {names[0]}'
    for (suite, why), names in alike.items()
  ]
  noun = 'task' if len(tasks) == 1 else 'tasks'
  if len(lines) > _LISTED:
    rest = sum(len(names) for names in list(alike.values())[_LISTED:])
    lines[_LISTED:] = [f'and {rest:,} more']
  return '\n  '.join([f'{len(tasks):,} {noun}', *lines])
