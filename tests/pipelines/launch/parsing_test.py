"""Command lines are divided into our flags and Beam's, and nothing else."""

import argparse

import pytest

from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.launch.flags import names_of
from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.tasks.arguments import Parser
from ul2_flan.tasks.errors import UserError


def parser() -> Parser:
  """One whose texts mention flags that it has not."""
  made = Parser(prog='a', description='As --other does.', allow_abbrev=False)
  made.add_argument('--name', metavar='NAME', help='not --unnamed, and so on')
  made.add_argument('--long_enough_to_wrap', metavar='N', help='--more of it')
  made.add_argument('--switch', action='store_true', help='a switch')
  made.add_argument('output', nargs='?')
  return made


def test_a_line_is_divided():
  values, beam = parsing.parse(
    parser(), ['out', '--name', 'x', '--runner', 'FnApiRunner', '--switch']
  )
  assert values == {
    'name': 'x',
    'long_enough_to_wrap': None,
    'switch': True,
    'output': 'out',
  }
  assert beam == ['--runner', 'FnApiRunner']


def test_nothing_given_is_nothing():
  values, beam = parsing.parse(parser(), [])
  assert not any(values.values())
  assert beam == []


@pytest.mark.parametrize(
  ('argv', 'message'),
  [
    (['--nam=x'], r"unknown flag '--nam'. Did you mean '--name'\? `a --help`"),
    (['--other'], "unknown flag '--other'"),
    (['--unnamed', 'x'], r"flag '--unnamed'. Did you mean '--name'\?"),
    (['--qqqqqqqq'], "unknown flag '--qqqqqqqq'. `a --help` lists ours"),
    (['a', 'b'], "'b' is neither a flag nor the value of one. See `a --help`"),
  ],
)
def test_what_nobody_knows_is_refused(argv, message: str):
  with pytest.raises(UserError, match=message):
    parsing.parse(parser(), argv)


@pytest.mark.parametrize(
  ('argv', 'message'),
  [
    (['--name'], 'argument --name: expected one argument'),
    (['--direct_num_workers=x'], 'argument --direct_num_workers: invalid int'),
  ],
)
def test_a_wrong_value_is_one_line_of_ours_or_beams(argv, message, capsys):
  with pytest.raises(SystemExit, match='2'):
    parsing.parse(parser(), argv)
  said = capsys.readouterr().err
  assert said.startswith(f'error: {message}')
  assert said.endswith('See `a --help`\n')
  assert said.count('\n') == 1


def options(of: argparse.ArgumentParser, *, switches: bool = False) -> set[str]:
  """Long flags as argparse keeps them, which it shows to nobody."""
  return {
    text
    for action in of._actions
    for text in action.option_strings
    if text.startswith('--') and (action.nargs == 0 or not switches)
  }


def test_help_lists_all_flags_and_no_others():
  assert parsing.flags_of(parser()) == {
    '--help',
    '--name',
    '--long_enough_to_wrap',
    '--switch',
  }
  for kind in map(kind_of, KINDS):
    made = command.make_parser(kind)
    assert parsing.flags_of(made) == options(made)
    assert names_of(kind.all_flags) == options(made)


def test_all_of_beams_flags_are_known():
  beam = parsing.beam_parser('a')
  assert len(options(beam)) > 150
  assert parsing.flags_of(beam) == options(beam)
  assert parsing.switches_of(beam) == options(beam, switches=True) - {'--help'}


@pytest.mark.parametrize(
  ('argv', 'beam'),
  [
    (['--dry_run'], ['--dry_run=True']),
    (['--dry_run', '--switch'], ['--dry_run=True']),
    (['out', '--dry_run', 'False'], ['--dry_run', 'False']),
    (['--dry_run=true'], ['--dry_run=true']),
  ],
)
def test_a_dry_run_needs_no_value(argv: list[str], beam: list[str]):
  _, rest = parsing.parse(parser(), argv)
  assert rest == beam
