"""Compiles the catalog's paths of columns into functions on a row."""

from collections.abc import Callable, Mapping
import functools
import operator
import re
from typing import Any

from ul2_flan.tasks.catalog.schema import Columns

# One raw row of a task's files: its columns as the source's reader gives them.
Row = Mapping[str, Any]
Getter = Callable[[Row], Any]


def getter(columns: Columns) -> Getter:
  """Returns the function that takes a field from a row.

  It raises what `dict` and `list` raise where the row lacks a column.

  >>> getter('a.b.0')({'a': {'b': ['x']}})
  'x'
  >>> getter('{title}. {a.b}')({'title': 'T', 'a': {'b': 'x'}})
  'T. x'
  >>> getter(('a', 'b'))({'a': 1, 'b': 2})
  [1, 2]
  """
  if isinstance(columns, tuple):
    getters = [getter(c) for c in columns]
    return lambda row: [get(row) for get in getters]
  if '{' in columns:
    paths = re.findall(r'\{([^}]*)\}', columns)
    parts = [getter(path) for path in paths]
    form = re.sub(r'\{[^}]*\}', '%s', columns.replace('%', '%%'))
    return lambda row: form % tuple(part(row) for part in parts)
  if '.' not in columns:
    return operator.itemgetter(columns)
  return functools.partial(_follow, columns.split('.'))


def _follow(path: list[str], value: Any) -> Any:
  """Follows names into dicts and numbers into lists; None past a list's end.

  A name follows into each item of a list.

  >>> _follow(['a', 'b'], {'a': [{'b': 1}, {'b': 2}]})
  [1, 2]
  """
  for step in path:
    if value is None:
      return None
    if not step.isdigit():
      if isinstance(value, list):
        value = [item[step] for item in value]
      else:
        value = value[step]
    elif int(step) < len(value):
      value = value[int(step)]
    else:
      return None
  return value
