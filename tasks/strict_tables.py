"""Tables of TOML files, read strictly: tasks, flags, layouts, templates."""

from collections.abc import Mapping
import dataclasses
import tomllib
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
  except tomllib.TOMLDecodeError as e:
    raise UserError(f'{where} is not TOML: {e}') from e


def make(cls: type[_T], entry: Mapping[str, Any], where: str) -> _T:
  """Makes a dataclass of a table of a TOML file, whose keys are its fields.

  Args:
    cls: the dataclass, such as `Task`.
    entry: values by field; lists become tuples.
    where: file and entry, for messages.

  Raises:
    UserError: a key is missing or unknown, or a value breaks its rule.
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
    return cls(**{key: _frozen(value) for key, value in entry.items()})
  except UserError as e:
    raise UserError(f'{where}: {e}') from e


def _frozen(value: Any) -> Any:
  """Turns lists into tuples, also those inside of lists and tables."""
  if isinstance(value, list):
    return tuple(_frozen(v) for v in value)
  if isinstance(value, dict):
    return {k: _frozen(v) for k, v in value.items()}
  return value
