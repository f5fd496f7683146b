"""What a person reads of a Flan run: by suite and setting, not by task."""

from __future__ import annotations

from collections.abc import Mapping

from ul2_flan.pipelines import files, quarantine
from ul2_flan.pipelines.summary import size, table
from ul2_flan.pipelines.task_accounts import is_data_set
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.manifest import Manifest

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


def of_manifest(manifest: Manifest, output: str) -> str:
  """What a run made, and what became of every record and row."""
  total = _total(manifest)
  parts = [_made(manifest), _accounts(total)]
  left_out: Mapping[str, str] = manifest.run['left_out']
  if left_out:
    parts.append(f'left out: {_some(left_out)}')
  if any(name.startswith('rejected/') for _, name in total):
    folder = files.join(output, quarantine.FOLDER)
    parts.append(f'what was rejected is kept in {folder}')
  return '\n\n'.join(parts)


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


def _total(manifest: Manifest) -> dict[tuple[str, str], int]:
  """Records of all tasks and rows of all settings: what became of them."""
  total: dict[tuple[str, str], int] = {}
  for own in manifest.run['counts'].values():
    unit = 'rows' if is_data_set(own) else 'records'
    for name, n in own.items():
      if name.split('/')[0] in _ORDER:
        total[unit, name] = total.get((unit, name), 0) + n
  return total


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
