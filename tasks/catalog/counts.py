"""The number of tasks by suite, beside the papers' numbers."""

from __future__ import annotations

import collections

from ul2_flan.tasks.catalog.files import mixtures, suites
from ul2_flan.tasks.catalog.index import tasks

_HEADER = ('mixture', 'suite', 'tasks', 'inverted', 'in the paper')


def counts_table() -> str:
  """A Markdown table of the counts.

  'tasks' are what the paper counts; 'inverted' come on top of them; what
  is left out is in neither.
  """
  forward: collections.Counter[str] = collections.Counter()
  inverted: collections.Counter[str] = collections.Counter()
  for task in tasks():
    (inverted if task.inverted else forward)[task.suite] += 1
  rows = [_HEADER, ('---',) * len(_HEADER)]
  for mixture in mixtures().values():
    members = [s for s in suites().values() if s.mixture == mixture.name]
    for suite in members:
      paper = '' if len(members) > 1 else f'{mixture.paper_tasks:,}'
      n, m = forward[suite.name], inverted[suite.name]
      rows.append((mixture.name, f'`{suite.name}`', f'{n:,}', f'{m:,}', paper))
    if len(members) > 1:
      n = sum(forward[s.name] for s in members)
      m = sum(inverted[s.name] for s in members)
      rows.append(
        (
          mixture.name,
          'together',
          f'{n:,}',
          f'{m:,}',
          f'{mixture.paper_tasks:,}',
        )
      )
  total = sum(m.paper_tasks for m in mixtures().values())
  rows.append(
    (
      'all',
      '',
      f'{forward.total():,}',
      f'{inverted.total():,}',
      f'{total:,}',
    )
  )
  return '\n'.join(
    f'| {" | ".join(row)} |'.replace('|  |', '| |') for row in rows
  )
