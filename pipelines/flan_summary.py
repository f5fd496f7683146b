"""What a person reads of a Flan run: by suite and setting, not by task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ul2_flan.pipelines import quarantine
from ul2_flan.pipelines.flan_plan import Planned
from ul2_flan.pipelines.summary import size, table
from ul2_flan.pipelines.task_accounts import is_data_set
from ul2_flan.tasks.manifest import Manifest

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


def of_tasks(planned: Planned) -> str:
  """The tasks that a plan has, by suite, and those that it has not."""
  rows: dict[str, list[int]] = {}
  for tasks, column in ((planned.plan.groups, 0), (planned.missing, 1)):
    for task in tasks:
      rows.setdefault(task.partition(':')[0], [0, 0])[column] += 1
  lines = [
    table(
      ['suite', 'tasks', 'missing'],
      [[suite, *counts] for suite, counts in rows.items()],
    )
  ]
  if planned.missing:
    lines.append(f'missing: {_some(planned.missing)}')
  if planned.unread:
    read = {
      task: f'{len(paths)} files, of which {paths[0]} is read'
      for task, paths in planned.unread.items()
    }
    lines.append(f'several files of one name: {_some(read)}')
  return '\n'.join(lines)


def facts_of_tasks(planned: Planned) -> dict[str, Any]:
  """The same for a program, and of every task."""
  tasks: dict[str, int] = {}
  for task in planned.plan.groups:
    suite = task.partition(':')[0]
    tasks[suite] = tasks.get(suite, 0) + 1
  return {
    'tasks': tasks,
    'missing': dict(planned.missing),
    'several_files': {t: list(paths) for t, paths in planned.unread.items()},
  }


def of_manifest(manifest: Manifest, output: str) -> str:
  """What a run made, and what became of every record and row."""
  parts = [_made(manifest), _accounts(manifest)]
  left_out: Mapping[str, str] = manifest.run['left_out']
  if left_out:
    parts.append(f'left out: {_some(left_out)}')
  parts.append(quarantine.where(output))
  return '\n\n'.join(filter(None, parts))


def _made(manifest: Manifest) -> str:
  """Data sets by suite, setting and split."""
  rows: dict[tuple[str, str, str], list[int]] = {}
  for name, splits in manifest.data_sets.items():
    _, suite, *_, setting = name.split(':')
    for split, info in splits.items():
      own = rows.setdefault((suite, setting, split), [0] * 6)
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
  return table(
    [
      *('suite', 'setting', 'split', 'tasks', 'shards', 'examples'),
      *('inputs tokens', 'targets tokens', 'bytes'),
    ],
    [[*key, *n[:5], size(n[5])] for key, n in rows.items()],
  )


def _accounts(manifest: Manifest) -> str:
  """Records of all tasks and rows of all settings: what became of them."""
  records: dict[str, int] = {}
  rows: dict[str, int] = {}
  for owner, own in manifest.run['counts'].items():
    total = rows if is_data_set(own) else records
    for name, n in own.items():
      if name == 'rendered' and owner not in manifest.data_sets:
        name = 'left_out'
      total[name] = total.get(name, 0) + n
  others = {name.partition('/')[0] for name in rows} - {*_ROWS, *_ELSEWHERE}
  names = _ROWS | {name: name for name in sorted(others)}
  lines = [*_lines(records, _RECORDS), *_lines(rows, names)]
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


def _some(tasks: Mapping[str, str]) -> str:
  """Tasks and reasons: a line each, or if these are too many, for each suite.

  >>> names = [f'cot:{i}' for i in range(9)]
  >>> print(_some(dict.fromkeys(names, 'no file') | {'niv2:a': 'bad'}))
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
