"""Where a record has a field: the catalog's paths, as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import functools
import operator
import re
from typing import Any

from ul2_flan.tasks.catalog.schema import Columns

Record = Mapping[str, Any]
Getter = Callable[[Record], Any]


def getter(columns: Columns) -> Getter:
  """The function that takes a field from a record.

  >>> getter('a.b.0')({'a': {'b': ['x']}})
  'x'
  >>> getter('{title}. {a.b}')({'title': 'T', 'a': {'b': 'x'}})
  'T. x'
  >>> getter(('a', 'b'))({'a': 1, 'b': 2})
  [1, 2]
  """
  if isinstance(columns, tuple):
    getters = [getter(c) for c in columns]
    return lambda record: [get(record) for get in getters]
  if '{' in columns:
    paths = re.findall(r'\{([^}]*)\}', columns)
    parts = [getter(path) for path in paths]
    form = re.sub(r'\{[^}]*\}', '%s', columns.replace('%', '%%'))
    return lambda record: form % tuple(part(record) for part in parts)
  if '.' not in columns:
    return operator.itemgetter(columns)
  return functools.partial(_follow, columns.split('.'))


def _follow(path: list[str], record: Any) -> Any:
  """Follows names into dicts and numbers into lists; None past a list's end.

  A name follows into each item of a list.

  >>> _follow(['a', 'b'], {'a': [{'b': 1}, {'b': 2}]})
  [1, 2]
  """
  for step in path:
    if record is None:
      return None
    if not step.isdigit():
      if isinstance(record, list):
        record = [item[step] for item in record]
      else:
        record = record[step]
    elif int(step) < len(record):
      record = record[int(step)]
    else:
      return None
  return record
