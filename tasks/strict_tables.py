"""Tables of TOML files, read strictly: tasks, flags, layouts, templates."""

from collections.abc import Mapping
import dataclasses
import functools
import sys
import tomllib
import types
import typing
from typing import Any, TypeVar

from ul2_flan.tasks.errors import UserError, unknown

_T = TypeVar('_T')


def parse(text: str, where: str) -> dict[str, Any]:
  """Reads TOML; `where` names the file in messages.

  Raises:
    UserError: the text is not TOML.
  """
  try:
    return tomllib.loads(text)
  except (tomllib.TOMLDecodeError, RecursionError) as e:
    raise UserError(f'{where} is not TOML: {e}') from e


def tables_of(
  raw: Mapping[str, Any], key: str, where: str
) -> list[dict[str, Any]]:
  r"""Returns the tables under a key of a file; none if the key is not there.

  >>> tables_of(parse('[[cats]]\nname = "Tom"', 'f.toml'), 'cats', 'f.toml')
  [{'name': 'Tom'}]

  Raises:
    UserError: the key holds something else.
  """
  found = raw.get(key, [])
  if not (isinstance(found, list) and all(isinstance(t, dict) for t in found)):
    raise UserError(
      f"{where}: '{key}' is not a list of tables. Begin each of them with a "
      f'line [[{key}]], in two pairs of brackets'
    )
  return found


def make(cls: type[_T], entry: Mapping[str, Any], where: str) -> _T:
  """Makes a dataclass of a table of a TOML file, whose keys are its fields.

  Args:
    cls: the dataclass, such as `Task`.
    entry: values by field; lists become tuples. Each must be of its field's
      type; an integer may stand for a float, and a bool for neither.
    where: file and entry, for messages.

  Raises:
    UserError: a key is missing or unknown, or a value is of another type or
      breaks its rule.
  """
  fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
  try:
    for key in entry:
      if key not in fields:
        raise unknown(f'key of a {cls.__name__.lower()}', key, fields)
    for name, field in fields.items():
      no_default = (
        field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
      )
      if no_default and name not in entry:
        raise UserError(f"it has no '{name}'")
    values = {key: _frozen(value) for key, value in entry.items()}
    types_of: Mapping[str, Any] = _types_of(cls)  # type: ignore[arg-type]
    for key, value in values.items():
      kind = types_of[key]
      if not _fits(value, kind):
        raise UserError(f"'{key}' is {entry[key]!r}, not {_words(kind)}")
    return cls(**values)
  except UserError as e:
    raise UserError(f'{where}: {e}') from e


def typed(cls: type[_T], values: Mapping[str, Any]) -> _T:
  """Makes a dataclass of values that came as JSON, if their types are right.

  Args:
    cls: the dataclass, such as `manifest.Shard`.
    values: by field; what JSON has no type for is made already.

  Raises:
    TypeError: a field is missing or unknown, or its value is of another type.

  >>> @dataclasses.dataclass
  ... class Cat:
  ...   lives: int
  >>> typed(Cat, {'lives': 9})
  Cat(lives=9)
  """
  made = cls(**values)
  for name, kind in _types_of(cls).items():  # type: ignore[arg-type]
    value = getattr(made, name)
    if not _fits(value, kind):
      raise TypeError(f"'{name}' is {value!r:.99}, not {_words(kind)}")
  return made


# Evaluating annotations is slow, and the catalog has thousands of entries.
_types_of = functools.cache(typing.get_type_hints)

_WORDS = {
  str: 'text',
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  tuple: 'a list',
}


def _fits(value: Any, kind: Any) -> bool:
  """Whether a value of a TOML file, or one made of such, is of a type.

  >>> _fits(1, float), _fits(True, float), _fits(('a', 1), tuple[str, ...])
  (True, False, False)
  """
  # By exact types: a bool is an int to `isinstance`.
  if type(value) is kind:
    return True
  origin, inner = typing.get_origin(kind), typing.get_args(kind)
  if origin in (typing.Union, types.UnionType):
    return any(_fits(value, one) for one in inner)
  if origin is tuple:
    return type(value) is tuple and all(_fits(v, inner[0]) for v in value)
  if origin is Mapping:
    return isinstance(value, Mapping) and all(
      _fits(v, inner[1]) for v in value.values()
    )
  if kind is float:
    return type(value) is int and abs(value) <= sys.float_info.max
  # What remains is made by our code, not by the file.
  return kind not in _WORDS and kind is not type(None)


def _words(kind: Any) -> str:
  """Says what a value of a type is.

  >>> _words(tuple[str, ...]), _words(int | None)
  ('a list (each item text)', 'a whole number')
  """
  origin, inner = typing.get_origin(kind), typing.get_args(kind)
  if origin in (typing.Union, types.UnionType):
    return ' or '.join(_words(one) for one in inner if one is not type(None))
  if origin is tuple:
    return f'a list (each item {_words(inner[0])})'
  if origin is Mapping:
    return f'a table (each value {_words(inner[1])})'
  return _WORDS.get(kind, 'a table')


def _frozen(value: Any) -> Any:
  """Turns lists into tuples, also those inside of lists and tables."""
  if isinstance(value, list):
    return tuple(_frozen(v) for v in value)
  if isinstance(value, dict):
    return {k: _frozen(v) for k, v in value.items()}
  return value
