"""Formats tables of text, and sizes as people say them."""

from collections.abc import Mapping, Sequence

# Lines of a list; a run of the whole collection has 1,836 tasks.
_LISTED = 8


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
  """Aligns columns: the first to the left, the others to the right.

  >>> print(table(['split', 'examples'], [['train', 1200]]))
  split  examples
  train     1,200
  """
  cells = [list(header)] + [
    [f'{c:,}' if isinstance(c, int) else str(c) for c in row] for row in rows
  ]
  widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
  lines = []
  for row in cells:
    first = row[0].ljust(widths[0])
    rest = [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
    lines.append('  '.join([first, *rest]).rstrip())
  return '\n'.join(lines)


def listed(reasons: Mapping[str, int]) -> str:
  """Lists reasons with their counts; nothing if there are none.

  >>> listed({'not_json': 2, 'empty': 1})
  '2 not_json, 1 empty'
  """
  return ', '.join(f'{n} {reason}' for reason, n in reasons.items())


def size(count: float) -> str:
  """Says bytes as people do.

  >>> size(820), size(1_310_000)
  ('820 B', '1.3 MB')
  """
  for unit in ('B', 'kB', 'MB', 'GB'):
    if count < 1000:
      return f'{count:.0f} {unit}' if unit == 'B' else f'{count:.1f} {unit}'
    count /= 1000
  return f'{count:.1f} TB'


def grouped(tasks: Mapping[str, str]) -> str:
  """Lists tasks and reasons: a line each, or if these are many, for each suite.

  >>> names = [f'cot:{i}' for i in range(9)]
  >>> print(grouped(dict.fromkeys(names, 'no file') | {'niv2:a': 'bad'}))
  10 tasks
    cot: 9 tasks, no file; the first is cot:0
    niv2:a: bad
  """
  alike: dict[tuple[str, str], list[str]] = {}
  for task, why in tasks.items():
    # What differs from task to task stands behind a colon.
    key = task.partition(':')[0], why.partition(': ')[0]
    many = len(tasks) > _LISTED
    alike.setdefault(key if many else (task, why), []).append(task)
  lines = [
    f'{names[0]}: {tasks[names[0]]}'
    if len(names) == 1
    else f'{suite}: {len(names):,} tasks, {why}; the first is {names[0]}'
    + tasks[names[0]].removeprefix(why)
    for (suite, why), names in alike.items()
  ]
  noun = 'task' if len(tasks) == 1 else 'tasks'
  if len(lines) > _LISTED:
    rest = sum(len(names) for names in list(alike.values())[_LISTED:])
    lines[_LISTED:] = [f'and {rest:,} more']
  return '\n  '.join([f'{len(tasks):,} {noun}', *lines])
