"""Mistakes on a command line are answered in one line."""

import argparse
from collections.abc import Iterator
import sys

import pytest

from ul2_flan.tasks.arguments import Parser, command_parser, print_lines
from ul2_flan.tasks.errors import UserError


def count(args: argparse.Namespace) -> Iterator[str]:
  if args.to < 0:
    raise UserError(f'--to {args.to}: at least 0')
  yield from map(str, range(args.to))


@pytest.fixture
def parser() -> Parser:
  parser = Parser(prog='tool')
  commands = parser.add_subparsers(required=True, metavar='command')
  command = commands.add_parser('count')
  command.add_argument('--to', type=int, required=True)
  command.set_defaults(lines=count)
  return parser


@pytest.mark.parametrize(
  ('argv', 'line'),
  [
    (
      [],
      'error: the following arguments are required: command. See `tool --help`',
    ),
    (
      ['count'],
      'error: the following arguments are required: --to. '
      'See `tool count --help`',
    ),
    (
      ['count', '--to', 'x\ny'],
      "error: argument --to: invalid int value: 'x\\ny'. "
      'See `tool count --help`',
    ),
    (
      ['count', '--to', '1', '--form', 'a\nb'],
      'error: unrecognized arguments: --form a b. See `tool count --help`',
    ),
    (
      ['--verbose', 'count', '--to', '1'],
      'error: unrecognized arguments: --verbose. See `tool --help`',
    ),
  ],
)
def test_a_mistake_is_one_line_and_status_2(parser, argv, line, capsys):
  with pytest.raises(SystemExit) as stopped:
    parser.parse_args(argv)
  assert stopped.value.code == 2
  assert capsys.readouterr() == ('', f'{line}\n')


def test_an_unknown_command_lists_those_that_there_are(parser, capsys):
  with pytest.raises(SystemExit):
    parser.parse_args(['cuont'])
  error = capsys.readouterr().err
  assert error.count('\n') == 1
  assert "'cuont'" in error
  assert "choose from 'count'" in error or 'choose from count' in error


def test_help_is_as_of_argparse(parser, capsys):
  with pytest.raises(SystemExit) as stopped:
    parser.parse_args(['count', '--help'])
  assert stopped.value.code == 0
  assert capsys.readouterr().out.startswith('usage: tool count [-h] --to TO')


def test_a_parser_without_commands_may_leave_flags_to_another():
  """As the pipelines leave Beam's."""
  parser = Parser(prog='tool')
  assert parser.parse_known_args(['--runner', 'x'])[1] == ['--runner', 'x']


def test_a_command_has_its_texts_as_they_are_and_no_short_forms():
  parser = command_parser('tool', 'About\n\n  tool --to 3', 'The end:\n  of it')
  parser.add_argument('--to')
  said = parser.format_help()
  assert 'About\n\n  tool --to 3\n' in said
  assert said.endswith('The end:\n  of it\n')
  with pytest.raises(SystemExit, match='2'):
    parser.parse_args(['--t=1'])


def test_lines_are_printed(parser, capsys):
  assert print_lines(parser, ['count', '--to', '3']) == 0
  assert capsys.readouterr() == ('0\n1\n2\n', '')


def test_an_error_of_the_command_is_one_line_too(parser, capsys):
  assert print_lines(parser, ['count', '--to', '-1']) == 2
  assert capsys.readouterr() == ('', 'error: --to -1: at least 0\n')


def test_a_file_system_that_fails_is_one_line(parser, capsys):
  def lines(args):
    yield 'a line'
    raise OSError(28, 'No space left on device', '/out')

  parser.parse_args = lambda argv: argparse.Namespace(lines=lines)
  assert print_lines(parser, []) == 1
  said = "error: [Errno 28] No space left on device: '/out'\n"
  assert capsys.readouterr() == ('a line\n', said)


def test_a_reader_that_leaves_is_no_error(parser, monkeypatch):
  class Closed:
    closed = False

    def write(self, text: str) -> int:
      raise BrokenPipeError

    def close(self) -> None:
      self.closed = True

  out, err = Closed(), Closed()
  monkeypatch.setattr(sys, 'stdout', out)
  monkeypatch.setattr(sys, 'stderr', err)
  assert print_lines(parser, ['count', '--to', '3']) == 0
  # Or Python would complain about the pipe when it exits.
  assert err.closed
