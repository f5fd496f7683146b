"""Tells people and programs about the suites of a plan."""

from collections.abc import Mapping
import textwrap

from ul2_flan.pipelines.run import Plan, Planned
from ul2_flan.pipelines.run.tables import grouped, table
from ul2_flan.pipelines.run.tables import listed as listed_counts


def planned(
  plan: Plan,
  output: str,
  missing: Mapping[str, str],
  ceilings: Mapping[str, float],
) -> Planned:
  """Adds to a plan what there is to tell about its suites.

  Args:
    plan: the plan.
    output: the folder that the run will write to.
    missing: tasks, and variants of tasks, that cannot be had, and why.
    ceilings: the accuracy that the vocabulary allows, in percent, of tasks of
      which it is not 100.
  """
  tasks = plan.config['tasks']
  rows: dict[tuple[str, str], list[int]] = {}
  for name, known in tasks.items():
    suite = name.partition(':')[0]
    row = rows.setdefault((suite, known['split']), [0, 0, 0])
    row[0] += 1
    row[1] += known['questions']
    row[2] += known['questions'] * len(plan.groups[name].data_sets)
  lines = [
    table(
      ['suite', 'split', 'tasks', 'questions', 'prompts'],
      [[*key, *row] for key, row in rows.items()],
    )
  ]
  if missing:
    lines.append(f'missing: {grouped(missing)}')
  left_out = {
    name: listed_counts(known['left_out'])
    for name, known in tasks.items()
    if 'left_out' in known
  }
  if left_out:
    lines.append(f'rows that are no questions: {grouped(left_out)}')
  lines += ceilings_told(ceilings)
  facts = {'tasks': tasks, 'missing': dict(missing), 'ceilings': dict(ceilings)}
  return Planned(plan, '\n'.join(lines), facts, missing, output)


def ceilings_told(ceilings: Mapping[str, float]) -> list[str]:
  """Says how far the vocabulary limits scores; nothing if it does not."""
  if not ceilings:
    return []
  return [
    textwrap.fill(
      'The vocabulary cannot write all right answers. No model with it gets a '
      f'higher accuracy than: {listed(ceilings)}',
      width=79,
      break_on_hyphens=False,
      break_long_words=False,
    )
  ]


def listed(ceilings: Mapping[str, float]) -> str:
  """Lists tasks with their ceilings, the lowest first.

  >>> listed({'bbh:dyck_languages': 60.4, 'tydiqa:zh': 12.0})
  'tydiqa:zh 12.0, bbh:dyck_languages 60.4'
  """
  order = sorted(ceilings.items(), key=lambda task: (task[1], task[0]))
  return ', '.join(f'{task} {ceiling:.1f}' for task, ceiling in order)
