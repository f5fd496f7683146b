"""What a person reads of a Flan run: by suite and setting, not by task."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines import files, quarantine
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.summary import size, table
from ul2_flan.pipelines.task_accounts import is_data_set
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.manifest import Split

# Lines of a list; a run of the whole collection has 1,836 tasks.
_LISTED = 8

# Of `task_accounts`, as they are listed.
_ORDER = ('read', 'used', 'rows', 'rendered', 'dropped', 'rejected')


def of_tasks(plan: Plan, missing: Mapping[str, str]) -> str:
  """The tasks that a plan has, by suite, and those that it has not."""
  rows: dict[str, list[int]] = {}
  for tasks, column in ((plan.groups, 0), (missing, 1)):
    for task in tasks:
      rows.setdefault(task.partition(':')[0], [0, 0])[column] += 1
  lines = [
    table(
      ['suite', 'tasks', 'missing'],
      [[suite, *counts] for suite, counts in rows.items()],
    )
  ]
  if missing:
    lines.append(f'missing: {_some(missing)}')
  return '\n'.join(lines)


class FlanSummary:
  """What a run made, and what became of every record and row."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""
    del plan
    self._output = output
    # Tasks, shards, examples, tokens and bytes, by suite, setting and split.
    self._made: dict[tuple[str, str, str], list[int]] = {}
    # By 'records' of tasks or 'rows' of data sets, and name.
    self._total: dict[tuple[str, str], int] = {}

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
    for numbers in counts.sums.values():
      unit = 'rows' if is_data_set(numbers) else 'records'
      for name, n in numbers.items():
        if name.split('/')[0] in _ORDER:
          self._total[unit, name] = self._total.get((unit, name), 0) + n

  def text(self, left_out: Mapping[str, str]) -> str:
    """All of it, when all is taken in."""
    parts = [self._table(), _accounts(self._total)]
    if left_out:
      parts.append(f'left out: {_some(left_out)}')
    if any(name.startswith('rejected/') for _, name in self._total):
      folder = files.join(self._output, quarantine.FOLDER)
      parts.append(f'what was rejected is kept in {folder}')
    return '\n\n'.join(parts)

  def _table(self) -> str:
    return table(
      [
        *('suite', 'setting', 'split', 'tasks', 'shards', 'examples'),
        *('inputs tokens', 'targets tokens', 'bytes'),
      ],
      [[*key, *n[:5], size(n[5])] for key, n in sorted(self._made.items())],
    )


def _accounts(total: Mapping[tuple[str, str], int]) -> str:
  rows = sorted(
    total.items(),
    key=lambda item: (
      item[0][0],
      _ORDER.index(item[0][1].split('/')[0]),
      item[0][1],
    ),
  )
  return table(
    ['what became of them', ''],
    [
      [f'{unit} {name.replace("/", ": ").replace("_", " ")}', n]
      for (unit, name), n in rows
    ],
  )


def _some(tasks: Mapping[str, str]) -> str:
  """Tasks and reasons, a line each, of which there may be a thousand."""
  lines = [f'{task}: {why}' for task, why in list(tasks.items())[:_LISTED]]
  if len(tasks) > _LISTED:
    lines.append(f'and {len(tasks) - _LISTED:,} more')
  return '\n  '.join([f'{len(tasks):,} tasks', *lines])
