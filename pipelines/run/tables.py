"""Formats tables of text, and sizes as people say them."""

from collections.abc import Mapping, Sequence


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
