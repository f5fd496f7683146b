"""Tells people and programs about the tasks of a plan."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
import textwrap

from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.run import Plan, Planned
from ul2_flan.pipelines.run.tables import grouped, table


def planned(
  plan: Plan,
  output: str,
  missing: Mapping[str, str],
  left_out: Mapping[str, int],
  unread: Mapping[str, Sequence[str]],
  unwritable: Mapping[str, Sequence[str]],
) -> Planned:
  """Adds to a plan what there is to tell about its tasks.

  Args:
    plan: the plan.
    output: the folder that the run will write to.
    missing: tasks that were asked for and are not in it, and why not.
    left_out: suites of which there are files, but only of so many tasks that
      the collection leaves out.
    unread: for tasks with several files of one name, their paths: first the one
      that the run reads, then the others.
    unwritable: languages that the vocabulary cannot write, and their tasks.
  """
  facts = {
    'tasks': Counter(task.partition(':')[0] for task in _tasks(plan)),
    'missing': dict(missing),
    'left_out': dict(left_out),
    'several_files': {task: list(paths) for task, paths in unread.items()},
    'unwritable': {lang: list(names) for lang, names in unwritable.items()},
  }
  outline = [_text(plan, missing, unread), *_warning(unwritable)]
  outline += [
    f'{suite}: the collection leaves out all tasks that have files here, '
    f'{count} of them: --left_out takes them'
    for suite, count in left_out.items()
  ]
  return Planned(plan, '\n'.join(outline), facts, missing, output)


def _tasks(plan: Plan) -> list[str]:
  """Returns the tasks of a plan; what routes a dump is a group and no task."""
  return [group for group in plan.groups if group != SUITE]


def _text(
  plan: Plan, missing: Mapping[str, str], unread: Mapping[str, Sequence[str]]
) -> str:
  """Lists tasks by suite, and those that are missing."""
  rows: dict[str, list[int]] = {}
  for tasks, column in ((_tasks(plan), 0), (missing, 1)):
    for task in tasks:
      rows.setdefault(task.partition(':')[0], [0, 0])[column] += 1
  lines = [
    table(
      ['suite', 'tasks', 'missing'],
      [[suite, *counts] for suite, counts in rows.items()],
    )
  ]
  if missing:
    lines.append(f'missing: {grouped(missing)}')
  if unread:
    read = {
      task: f'{len(paths)} files, of which the run reads {paths[0]}'
      for task, paths in unread.items()
    }
    lines.append(f'several files of one name: {grouped(read)}')
  return '\n'.join(lines)


def _warning(unwritable: Mapping[str, Sequence[str]]) -> Iterator[str]:
  """Yields a warning of languages that become unknown tokens."""
  if not unwritable:
    return
  tasks = {name for names in unwritable.values() for name in names}
  noun = 'task' if len(tasks) == 1 else 'tasks'
  listed = ', '.join(
    f'{lang} {len(names)}' for lang, names in unwritable.items()
  )
  yield textwrap.fill(
    f'warning: {len(tasks):,} {noun} with languages that the vocabulary '
    f'cannot write ({listed}). Most of their letters become unknown tokens, '
    'and examples whose targets are nothing else are dropped. Give a '
    "--vocabulary that has these letters, as mT5's does, or leave the tasks "
    'out with --without',
    width=79,
    break_on_hyphens=False,
  )
