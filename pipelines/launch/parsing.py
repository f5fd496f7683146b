"""Reads a command line: our flags, and Beam's options from all others."""

import argparse
from collections.abc import Collection, Sequence
import difflib
import itertools
import re
import sys
from typing import Any

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.storage import schemes
from ul2_flan.tasks.arguments import Parser
from ul2_flan.tasks.errors import UserError


def parse(
  parser: argparse.ArgumentParser,
  argv: Sequence[str] | None,
  ours: Collection[str] | None = None,
) -> tuple[dict[str, Any], list[str]]:
  """Divides a command line into our flags and Beam's.

  Beam passes over flags that it does not know. Here they are errors, since a
  misspelt flag of ours would be among them.

  Args:
    parser: of our flags.
    argv: what was typed; by default the arguments of this process.
    ours: all flags of the parser, if they are known; else its help is read,
      which takes some milliseconds.

  Returns:
    the values of our flags, and what Beam is to read.

  Raises:
    UserError: nobody knows a flag, or a value belongs to none.
  """
  given = _with_value(sys.argv[1:] if argv is None else argv)
  names = {flag.split('=')[0] for flag in given if flag.startswith('--')}
  known = {*(flags_of(parser) if ours is None else ours)}
  theirs = None
  if not names <= known:
    # Its mistakes are told as ours are: in a line, with the flag.
    theirs = beam_parser(parser.prog)
    known |= flags_of(theirs)
  for name in names - known:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ''
    raise UserError(
      f"unknown flag '{name}'.{hint} `{parser.prog} --help` lists ours; "
      "Apache Beam's are taken too"
    )
  args, rest = parser.parse_known_args(given)
  left = theirs.parse_known_args(rest)[1] if theirs else rest
  if left:
    raise UserError(
      f"'{left[0]}' is neither a flag nor the value of one. See "
      f'`{parser.prog} --help`'
    )
  if rest:
    # We read buckets before there is a pipeline, which would set these.
    schemes.set_options(Engine(rest).given())
  return vars(args), rest


def _with_value(given: Sequence[str]) -> list[str]:
  """Gives Beam's --dry_run the value that it wants, and people leave out.

  >>> _with_value(['--dry_run', '--name', 'a'])
  ['--dry_run=True', '--name', 'a']
  """
  flags = []
  for flag, after in itertools.zip_longest(given, given[1:], fillvalue=''):
    bare = flag == '--dry_run' and after.lower() not in ('true', 'false')
    flags.append('--dry_run=True' if bare else flag)
  return flags


def flags_of(parser: argparse.ArgumentParser) -> set[str]:
  """Names all flags that a parser knows, by the lines of its help.

  A line that describes a flag begins with two spaces and a dash; two spaces
  more separate the flag from what it is for. So flags that a description only
  mentions do not count. (argparse offers no public list of its flags.)
  """
  lines = re.findall(r'(?m)^  (-\S.*?)(?:  |$)', parser.format_help())
  return set(re.findall(r'(?<![\w-])--[A-Za-z][\w-]*', ' '.join(lines)))


def switches_of(parser: argparse.ArgumentParser) -> set[str]:
  """Names the flags that take no value; the usage shows them so."""
  return set(re.findall(r'\[(--[A-Za-z][\w-]*)\]', parser.format_usage()))


def beam_parser(prog: str) -> Parser:
  """Makes a parser of Beam's options, of which there are some two hundred.

  Args:
    prog: what a person types to run the command; its help is named in errors.
  """
  from apache_beam.options import pipeline_options

  # Beam makes a parser of its own, and hands it to whoever wants to add flags.
  theirs: list[argparse.ArgumentParser] = []
  pipeline_options.PipelineOptions([]).get_all_options(
    add_extra_args_fn=theirs.append
  )
  return Parser(
    prog=prog,
    parents=theirs,
    add_help=False,
    conflict_handler='resolve',
    allow_abbrev=False,
  )
