"""Flags of commands as data: the parser, the help and templates are made of it.

The data are TOML files, one for each kind of run and one for all. A flag fills
the field of the same name in a configuration, which also holds its default. So
each default stands in one place, for Python and for commands.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
import dataclasses
from importlib import resources
import tomllib
from types import MappingProxyType
from typing import Any

from ul2_flan.tasks.arguments import Parser
from ul2_flan.tasks.strict_tables import make


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
  """A flag of a command.

  Attributes:
    name: without the dashes.
    help: what it is for. '%(default)s' stands for the default.
    metavar: what stands for its value in the help; empty for a switch, which
      has no value.
    type: what its value is read as.
    many: '+' for one value or more after the flag, 'append' for a flag that may
      be given again, a number for just so many values; empty for one value.
    choices: the values that are allowed; empty for any.
    field: the field that it fills, if that has another name.
  """

  name: str
  help: str
  metavar: str | tuple[str, ...] = ''
  type: Callable[[str], Any] = str
  many: str | int = ''
  choices: tuple[str, ...] = ()
  field: str = ''

  @property
  def is_switch(self) -> bool:
    """Whether it has no value."""
    return not (self.metavar or self.choices)

  def add_to(self, group: argparse._ArgumentGroup, default: Any) -> None:
    """Adds the flag to a group of a parser.

    Args:
      group: the group.
      default: the value of a flag that nobody gives; `dataclasses.MISSING` if
        somebody must.
    """
    more: dict[str, Any] = {'dest': self.name, 'help': self.help}
    if self.is_switch:
      group.add_argument(f'--{self.name}', action='store_true', **more)
      return
    if self.many == 'append':
      more['action'] = 'append'
    elif self.many:
      more['nargs'] = self.many
    if self.choices:
      more['choices'] = self.choices
    if self.metavar:
      more['metavar'] = self.metavar
    # A flag is required if its field has no default.
    required = default is dataclasses.MISSING
    group.add_argument(
      f'--{self.name}',
      type=self.type,
      required=required,
      default=None if required else default,
      **more,
    )


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


def names(text: str) -> tuple[str, ...]:
  """Reads a list of names with commas between them.

  >>> names('niv2, cot,')
  ('niv2', 'cot')
  """
  return tuple(name.strip() for name in text.split(',') if name.strip())


_TYPES = {'int': int, 'float': float, 'names': names}


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
  text = (resources.files(module) / file).read_text(encoding='utf-8')
  classes = {cls.__name__: cls for cls in fills}

  def made(entry: dict[str, Any]) -> Flag:
    values = {**entry, 'help': entry['help'].format(**words)}
    for key, known in (('type', _TYPES), ('choices', choices)):
      if key in entry:
        values[key] = known[entry[key]]
    flag: Flag = make(Flag, values, f"{file}, flag '{entry['name']}'")
    return flag

  return tuple(
    FlagGroup(
      group['title'],
      tuple(map(made, group['flags'])),
      classes[group.get('fills', fills[0].__name__)],
    )
    for group in tomllib.loads(text)['groups']
  )


def make_parser(
  prog: str, about: str, epilog: str, groups: Iterable[FlagGroup]
) -> Parser:
  """Makes the parser of a command."""
  parser = Parser(
    prog=prog,
    description=about,
    epilog=epilog,
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  for group in groups:
    section = parser.add_argument_group(group.title)
    for flag in group.flags:
      flag.add_to(section, group.default(flag))
  return parser


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
