"""What a person or a program is told of the tasks of a plan."""

from __future__ import annotations

from typing import Any

from ul2_flan.pipelines.flan.plan import Planned
from ul2_flan.pipelines.flan.summary import grouped
from ul2_flan.pipelines.run.summary import table


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
    lines.append(f'missing: {grouped(planned.missing)}')
  if planned.unread:
    read = {
      task: f'{len(paths)} files, of which {paths[0]} is read'
      for task, paths in planned.unread.items()
    }
    lines.append(f'several files of one name: {grouped(read)}')
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
