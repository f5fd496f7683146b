"""Flags of the kinds of run: groups that fill the fields of configurations.

The data are TOML files, one for each kind of run and one for all. A flag fills
the field of the same name in a configuration, which also holds its default. So
each default stands in one place, for Python and for commands.
"""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from types import MappingProxyType
from typing import Any

from ul2_flan.tasks.arguments import Parser, command_parser
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import Flag, make_flags, read_table


@dataclasses.dataclass(frozen=True, slots=True)
class FlagGroup:
  """Flags under a heading of the help.

  Attributes:
    title: the heading.
    flags: in the order of the help.
    config: the dataclass whose fields they fill, and which has their defaults.
  """

  title: str
  flags: tuple[Flag, ...]
  config: type[Any]

  def default(self, flag: Flag) -> Any:
    """Returns a flag's default; `dataclasses.MISSING` if it has none."""
    for field in dataclasses.fields(self.config):
      if field.name == (flag.field or flag.name):
        if field.default_factory is not dataclasses.MISSING:
          return field.default_factory()
        return field.default
    raise AttributeError(f'{self.config.__name__} has no field {flag.name}')


def read(
  module: str,
  file: str,
  *fills: type[Any],
  choices: Mapping[str, Sequence[str]] = MappingProxyType({}),
  words: Mapping[str, object] = MappingProxyType({}),
) -> tuple[FlagGroup, ...]:
  """Reads the flags of a command from a file.

  Args:
    module: the full name of the package that the file belongs to.
    file: its name.
    fills: the classes whose fields the flags fill. A group names its class; by
      default it is the first.
    choices: lists of values that the file refers to by name.
    words: what to put in the place of `{...}` in help texts.
  """
  classes = {cls.__name__: cls for cls in fills}
  return tuple(
    FlagGroup(
      group['title'],
      tuple(make_flags(group['flags'], file, choices, words)),
      classes[group.get('fills', fills[0].__name__)],
    )
    for group in read_table(module, file)['groups']
  )


def make_parser(
  prog: str, about: str, epilog: str, groups: Iterable[FlagGroup]
) -> Parser:
  """Makes the parser of a command."""
  parser = command_parser(prog, about, epilog)
  for group in groups:
    section = parser.add_argument_group(group.title)
    for flag in group.flags:
      flag.add_to(section, group.default(flag))
  return parser


def names_of(groups: Iterable[FlagGroup]) -> set[str]:
  """Returns the flags that `make_parser` gives a parser, dashes included."""
  flags = [flag for group in groups for flag in group.flags]
  named = {f'--{flag.name}' for flag in flags if not flag.positional}
  return named | {'--help'}


def values_of(
  groups: Iterable[FlagGroup], config: type[Any], given: Mapping[str, Any]
) -> dict[str, Any]:
  """Collects the fields of a configuration from the values of flags.

  Args:
    groups: all flags of a command.
    config: the configuration; groups that fill another are passed over.
    given: the values, by the names of the flags.
  """
  return {
    flag.field or flag.name: given[flag.name]
    for group in groups
    if group.config is config
    for flag in group.flags
  }


def by_suite(given: Sequence[str], example: str) -> dict[str, tuple[str, ...]]:
  """Groups folders, given as SUITE=DIR, by suite.

  >>> by_suite(['cot=a', 'niv2=b', 'cot=c'], 'niv2')
  {'cot': ('a', 'c'), 'niv2': ('b',)}

  Args:
    given: the values of --source.
    example: the name of a suite, for the message.

  Raises:
    UserError: one has no suite or no folder.
  """
  sources: dict[str, tuple[str, ...]] = {}
  for text in given:
    suite, equals, path = text.partition('=')
    if not (equals and path):
      raise UserError(
        f"--source '{text}': give a suite and a folder, such as {example}=DIR"
      )
    sources[suite] = (*sources.get(suite, ()), path)
  return sources
