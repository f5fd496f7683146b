"""The flags that all commands have, and Beam's beside them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import difflib
import sys

from apache_beam.options import pipeline_options

from ul2_flan.pipelines.engines import local, runners
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError


def add_run_flags(parser: argparse.ArgumentParser) -> None:
  """The flags of every pipeline."""
  group = parser.add_argument_group('the run')
  group.add_argument(
    '--output',
    required=True,
    metavar='DIR',
    help='where the data sets go; any file system that Beam opens',
  )
  group.add_argument(
    '--plan_only',
    action='store_true',
    help='print the plan and what it will cost, from two seconds of its work; '
    'write nothing',
  )
  group.add_argument(
    '--json', action='store_true', help='print that as a JSON object'
  )
  group.add_argument(
    '--overwrite',
    action='store_true',
    help='delete what another run left in --output',
  )
  group.add_argument(
    '--max_reject_fraction',
    type=float,
    default=0.01,
    metavar='F',
    help='fail if more than this share of records is rejected (%(default)s)',
  )
  group.add_argument(
    '--no_wait',
    action='store_true',
    help='end when a service has the job; the same command, later, tells how '
    'it went',
  )
  group.add_argument(
    '--local_workers',
    type=int,
    metavar='N',
    help='processes of the local runner, which is the default; with 1 the '
    'launcher does all itself. By default as many as there are cores, '
    f'{local.cores()} here, or fewer for a small run',
  )
  group.add_argument(
    '--local_memory_mb',
    type=int,
    default=0,
    metavar='MB',
    help='what these may take together, however many: one that takes more than '
    'its share is ended; by default most of what is free',
  )


def parse(
  parser: argparse.ArgumentParser, argv: Sequence[str] | None
) -> tuple[argparse.Namespace, pipeline_options.PipelineOptions]:
  """Our flags, and Beam's options from all others.

  Beam passes over flags that it does not know; here they are errors, since a
  misspelt flag of ours would be among them.
  """
  given = _whole(sys.argv[1:] if argv is None else argv)
  theirs = beam_parser(parser.prog)
  ours = {flag for a in parser._actions for flag in a.option_strings}
  known = {flag for a in theirs._actions for flag in a.option_strings} | ours
  for flag in given:
    name = flag.split('=')[0]
    if name.startswith('--') and name not in known:
      near = difflib.get_close_matches(name, [*sorted(ours), *known], n=1)
      hint = f" Did you mean '{near[0]}'?" if near else ''
      raise UserError(
        f"unknown flag '{name}'.{hint} `{parser.prog} --help` lists ours; "
        "Apache Beam's are taken too"
      )
  args, rest = parser.parse_known_args(given)
  _, left = theirs.parse_known_args(rest)
  if left:
    raise UserError(f"'{left[0]}' is neither a flag nor the value of one")
  if not any(flag.split('=')[0] == '--runner' for flag in rest):
    # Beam's own default looks for a Go binary over the network before it runs.
    rest = [*rest, '--runner', local.NAME]
  options = pipeline_options.PipelineOptions(rest)
  if '--local_workers' in ours:
    runners.check(args, options)
  # Buckets are read before there is a pipeline, which would do the same.
  files.FileSystems.set_options(options)
  return args, options


def _whole(given: Sequence[str]) -> list[str]:
  """Gives Beam's --dry_run the value that it wants, as its name needs none.

  >>> _whole(['--dry_run', '--name', 'a'])
  ['--dry_run=True', '--name', 'a']
  """
  found = []
  for flag, after in zip(given, [*given[1:], ''], strict=True):
    bare = flag == '--dry_run' and after.lower() not in ('true', 'false')
    found.append('--dry_run=True' if bare else flag)
  return found


def beam_parser(prog: str) -> argparse.ArgumentParser:
  """All flags of Beam's, of which there are some two hundred."""
  parser = argparse.ArgumentParser(
    prog=prog,
    usage=argparse.SUPPRESS,
    add_help=False,
    conflict_handler='resolve',
  )
  for cls in pipeline_options.PipelineOptions.__subclasses__():
    cls._add_argparse_args(parser)
  return parser
