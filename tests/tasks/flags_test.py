"""Files of flags become parsers; what a flag says decides how it is given."""

import argparse
from collections.abc import Iterator
import dataclasses
from pathlib import Path
import sys

import pytest

from ul2_flan.tasks.arguments import Parser, print_lines
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import (
  Flag,
  add_commands,
  make_flags,
  make_parser,
  read_table,
)

FLAGS = """
[[flags]]
name = "cat"
positional = true
metavar = "cat"
help = "its name"

[[flags]]
name = "home_town"
metavar = "TOWN"
required = true
help = "where it lives"

[[flags]]
name = "lives"
metavar = "N"
type = "int"
default = 9
help = "how many (%(default)s)"

[[flags]]
name = "toys"
metavar = "TOY"
many = "+"
default = []
help = "what it has"

[[flags]]
name = "sound"
metavar = "SOUND"
help = "what it says"

[[flags]]
name = "purrs"
help = "whether it does"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
  """A package with a command `cat`, and with two subcommands."""
  name = 'package_of_flags_test'
  commands = tmp_path / name / 'commands'
  commands.mkdir(parents=True)
  (tmp_path / name / '__init__.py').touch()
  (tmp_path / name / 'cat.toml').write_text(FLAGS)
  (commands / 'show.toml').write_text(f'help = "a cat"\n{FLAGS}')
  (commands / 'list.toml').write_text(
    """
    help = "all cats"
    [[flags]]
    name = "of"
    metavar = "OF"
    help = "one of {kinds}"
    """
  )
  monkeypatch.syspath_prepend(tmp_path)
  yield name
  sys.modules.pop(name, None)


def test_what_nobody_gives_has_the_default_of_the_file(package: str):
  parser = make_parser('cats', 'About', package, 'cat.toml')
  assert vars(parser.parse_args(['Tom', '--home_town=Rome'])) == {
    'cat': 'Tom',
    'home_town': 'Rome',
    'lives': 9,
    'toys': (),
    'sound': None,
    'purrs': False,
  }


def test_what_is_given_takes_the_place_of_defaults(package: str):
  parser = make_parser('cats', 'About', package, 'cat.toml')
  given = ['Tom', '--home_town=R', '--lives=7', '--sound=meow', '--purrs']
  assert vars(parser.parse_args([*given, '--toys', 'a', 'b'])) == {
    'cat': 'Tom',
    'home_town': 'R',
    'lives': 7,
    'toys': ['a', 'b'],
    'sound': 'meow',
    'purrs': True,
  }


@pytest.mark.parametrize(
  ('argv', 'message'),
  [
    ((), 'the following arguments are required: cat, --home_town'),
    (('Tom',), 'the following arguments are required: --home_town'),
    (('Tom', '--lives=x'), "argument --lives: invalid int value: 'x'"),
    (('Tom', '--home=R'), 'the following arguments are required: --home_town'),
  ],
)
def test_a_mistake_is_a_line_that_names_the_flag(
  package: str, argv: tuple[str, ...], message: str, capsys
):
  parser = make_parser('cats', 'About', package, 'cat.toml')
  with pytest.raises(SystemExit, match='2'):
    parser.parse_args(argv)
  said = capsys.readouterr().err
  assert said == f'error: {message}. See `cats --help`\n'


def test_help_has_the_words_of_the_file(package: str):
  said = make_parser('cats', 'About\n  cats', package, 'cat.toml').format_help()
  assert 'About\n  cats\n' in said
  assert 'how many (9)' in said
  assert '--home_town TOWN' in said


def commands_of(package: str) -> Parser:
  def told(args: argparse.Namespace) -> Iterator[str]:
    yield str(vars(args).get('cat') or f'cats of {args.of}')

  parser = Parser(prog='cats')
  lines = {'show': told, 'list': told}
  add_commands(parser, package, lines, {'kinds': 'big, small'})
  return parser


def test_a_subcommand_has_the_flags_of_its_file(package: str, capsys):
  parser = commands_of(package)
  assert print_lines(parser, ['show', 'Tom', '--home_town=R']) == 0
  assert print_lines(parser, ['list', '--of', 'big']) == 0
  assert capsys.readouterr().out == 'Tom\ncats of big\n'


def test_help_lists_subcommands_in_the_order_that_is_given(package: str):
  said = commands_of(package).format_help()
  assert said.index('a cat') < said.index('all cats')


def test_help_of_a_subcommand_has_words_in_place(package: str, capsys):
  with pytest.raises(SystemExit, match='0'):
    commands_of(package).parse_args(['list', '--help'])
  assert 'one of big, small' in capsys.readouterr().out


def test_an_unknown_key_is_an_error():
  made = make_flags([{'name': 'a', 'help': '', 'colour': 'red'}], 'f.toml')
  with pytest.raises(UserError, match=r"f\.toml, flag 'a': .*'colour'"):
    next(made)


def test_types_and_choices_are_named():
  entries = [
    {'name': 'a', 'help': '', 'type': 'names'},
    {'name': 'b', 'help': '', 'choices': 'sounds'},
  ]
  names, sounds = make_flags(entries, 'f.toml', {'sounds': ('meow', 'hiss')})
  assert names.type('niv2, cot,') == ('niv2', 'cot')
  assert sounds.choices == ('meow', 'hiss')
  assert not sounds.is_switch


def test_a_flag_without_a_default_must_be_given():
  parser = Parser(prog='cats')
  Flag('lives', '', 'N', int).add_to(parser, dataclasses.MISSING)
  with pytest.raises(SystemExit, match='2'):
    parser.parse_args([])
  assert parser.parse_args(['--lives=3']).lives == 3


def test_a_table_is_read_from_its_package(package: str):
  assert len(read_table(package, 'cat.toml')['flags']) == 6
  assert read_table(package, 'commands/show.toml')['help'] == 'a cat'
