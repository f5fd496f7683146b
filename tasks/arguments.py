"""Command lines that answer a mistake in one line."""

import argparse
from collections.abc import Sequence
import sys
from typing import Any, NoReturn

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import complain, say, visible


class Parser(argparse.ArgumentParser):
  """A parser that prints one line about a mistake, and no usage before it.

  The line names the flag and says where the help is; the exit status is 2:

      error: argument --seed: invalid int value: 'x'. See `ul2-flan tasks show
      --help`

  Parsers of subcommands are of this class too. A subcommand refuses a flag that
  it does not know itself, so that the line leads to its help and not to that of
  the command above it.
  """

  def error(self, message: str) -> NoReturn:
    """Prints the mistake and exits with status 2."""
    # What was typed is quoted in the message, and may hold newlines.
    line = visible(' '.join(message.split()))
    self.exit(2, f'error: {line}. See `{self.prog} --help`\n')

  def add_subparsers(self, **kwargs: Any) -> Any:
    """As argparse, with `Subcommand` as the class of the parsers."""
    return super().add_subparsers(**{'parser_class': Subcommand, **kwargs})


class Subcommand(Parser):
  """The parser of a subcommand, such as `list` of `python -m ul2_flan.tasks`.

  argparse hands what a subcommand does not know back to the parser above, which
  would name its own help.
  """

  def parse_known_args(  # type: ignore[override]
    self, args: Sequence[str] | None = None, namespace: Any = None
  ) -> tuple[argparse.Namespace, list[str]]:
    """Parses all of the arguments, or exits."""
    parsed, unknown = super().parse_known_args(args, namespace)
    if unknown:
      self.error(f'unrecognized arguments: {" ".join(unknown)}')
    return parsed, unknown


def command_parser(prog: str, about: str | None, epilog: str = '') -> Parser:
  """Makes a parser whose flags are to be written out.

  Args:
    prog: what a person types to run the command.
    about: what its help says first, in lines as they are; often a docstring.
    epilog: what its help says last, likewise.
  """
  return Parser(
    prog=prog,
    description=about,
    epilog=epilog,
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )


def print_lines(parser: Parser, argv: Sequence[str] | None) -> int:
  """Runs the subcommand that is asked for; returns the exit status.

  The status is 2 for a mistake of the user's, and 1 where a file system fails;
  either is told in one line.

  Args:
    parser: each of its subcommands sets a default `lines`: a function from the
      parsed arguments to the lines to print.
    argv: arguments without the program's name; by default those of this
      process.
  """
  args = parser.parse_args(argv)
  try:
    for line in args.lines(args):
      say(line)
  except UserError as e:
    complain(f'error: {e}')
    return 2
  except BrokenPipeError:
    # The reader left, as in `... list | head`.
    sys.stderr.close()
  except OSError as e:
    complain(f'error: {e}')
    return 1
  return 0
