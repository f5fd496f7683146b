"""Flags as data: parsers, their help, and templates are made of them.

The data are TOML files, one for each command.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import dataclasses
from importlib import resources
from types import MappingProxyType
from typing import Any

from ul2_flan.tasks.arguments import Parser, command_parser
from ul2_flan.tasks.strict_tables import make, parse


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
    default: the value if nobody gives it, where no configuration says so.
    required: whether somebody must give it, where no configuration says so.
    positional: whether its value stands without a flag before it; it has a
      metavar, and somebody must give it.
  """

  name: str
  help: str
  metavar: str | tuple[str, ...] = ''
  type: Callable[[str], Any] = str
  many: str | int = ''
  choices: tuple[str, ...] = ()
  field: str = ''
  default: Any = None
  required: bool = False
  positional: bool = False

  @property
  def is_switch(self) -> bool:
    """Whether it has no value."""
    return not (self.metavar or self.choices)

  def add_to(self, group: argparse._ActionsContainer, default: Any) -> None:
    """Adds the flag to a parser, or to a group of one.

    Args:
      group: the parser or group.
      default: the value of a flag that nobody gives; `dataclasses.MISSING` if
        somebody must.
    """
    more: dict[str, Any] = {'help': self.help}
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
    if self.positional:
      group.add_argument(self.name, type=self.type, **more)
      return
    # A flag is required if its field has no default.
    required = default is dataclasses.MISSING
    if self.many == 'append' and not required:
      # argparse appends to it; a field may be a table, such as `sources`.
      default = [*default]
    group.add_argument(
      f'--{self.name}',
      type=self.type,
      required=required,
      default=None if required else default,
      **more,
    )


def names(text: str) -> tuple[str, ...]:
  """Reads a list of names with commas between them.

  >>> names('niv2, cot,')
  ('niv2', 'cot')
  """
  return tuple(name.strip() for name in text.split(',') if name.strip())


_TYPES = {'int': int, 'float': float, 'names': names}


def read_table(module: str, file: str) -> dict[str, Any]:
  """Reads a TOML file of a package, which is given by its full name."""
  text = (resources.files(module) / file).read_text(encoding='utf-8')
  return parse(text, f'{module}/{file}')


def make_flags(
  entries: Iterable[Mapping[str, Any]],
  file: str,
  choices: Mapping[str, Sequence[str]] = MappingProxyType({}),
  words: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[Flag]:
  """Makes flags of the tables of a file.

  Args:
    entries: the tables; their keys are the fields of `Flag`.
    file: the file's name, for messages.
    choices: lists of values that the file refers to by name.
    words: what to put in the place of `{...}` in help texts.
  """
  for entry in entries:
    values = {**entry, 'help': entry['help'].format(**words)}
    for key, known in (('type', _TYPES), ('choices', choices)):
      if key in entry:
        values[key] = known[entry[key]]
    yield make(Flag, values, f"{file}, flag '{entry['name']}'")


def make_parser(prog: str, about: str | None, module: str, file: str) -> Parser:
  """Makes the parser of a command, with the flags of a file of its package."""
  parser = command_parser(prog, about)
  _add_flags(parser, read_table(module, file), file)
  return parser


def add_commands(
  parser: Parser,
  module: str,
  lines: Mapping[str, Callable[[argparse.Namespace], Iterable[str]]],
  words: Mapping[str, object] = MappingProxyType({}),
) -> None:
  """Adds subcommands, whose help and flags lie in the folder `commands`.

  Args:
    parser: of the command above them.
    module: the full name of the package that the folder belongs to.
    lines: for each subcommand what makes the lines that it prints.
    words: what to put in the place of `{...}` in help texts.
  """
  commands = parser.add_subparsers(required=True, metavar='command')
  for name, function in lines.items():
    file = f'commands/{name}.toml'
    table = read_table(module, file)
    command = commands.add_parser(name, help=table['help'])
    command.set_defaults(lines=function)
    _add_flags(command, table, file, words)


def _add_flags(
  parser: Parser,
  table: Mapping[str, Any],
  file: str,
  words: Mapping[str, object] = MappingProxyType({}),
) -> None:
  for flag in make_flags(table['flags'], file, words=words):
    default = dataclasses.MISSING if flag.required else flag.default
    flag.add_to(parser, default)
