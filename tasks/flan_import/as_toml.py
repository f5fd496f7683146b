"""Writes a family as TOML, in the form of the files in `tasks/templates`."""

from collections.abc import Iterator, Mapping
import dataclasses
import json
from typing import Any

from ul2_flan.tasks.rendering.templates.family import Family

_TABLES = ('fields', 'samples', 'templates', 'few_shot')


def as_toml(family: Family, source: str) -> str:
  """Returns the file that `parse_family` reads back as the same family.

  Args:
    family: its name becomes the file's name and is not written in it.
    source: where its text is from, for the first line.
  """
  lines = [f'# {source}', *_pairs(family, but=('name', *_TABLES))]
  lines += ['', '[fields]', *pairs_of(family.fields)]
  for name in _TABLES[1:]:
    for entry in getattr(family, name):
      pairs = pairs_of(entry) if isinstance(entry, Mapping) else _pairs(entry)
      lines += ['', f'[[{name}]]', *pairs]
  return '\n'.join(lines) + '\n'


def _pairs(value: Any, but: tuple[str, ...] = ()) -> Iterator[str]:
  """Yields the fields of a dataclass that differ from their defaults."""
  yield from pairs_of(
    {
      field.name: getattr(value, field.name)
      for field in dataclasses.fields(value)
      if field.name not in but and getattr(value, field.name) != field.default
    }
  )


def pairs_of(values: Mapping[str, Any]) -> Iterator[str]:
  """Yields lines of values by name: text, numbers, truth values, lists."""
  return (f'{name} = {_value(value)}' for name, value in values.items())


def _value(value: Any) -> str:
  if isinstance(value, tuple):
    return '[' + ', '.join(map(_value, value)) + ']'
  # JSON's strings, numbers and truth values are also TOML's, but for DEL, which
  # TOML wants escaped.
  return json.dumps(value, ensure_ascii=False).replace('\x7f', '\\u007f')
