"""Lists mixtures, and shows what they are made of and what is missing."""

import argparse
from collections.abc import Iterator, Sequence
import sys

from ul2_flan.mixtures.definition import definitions, load
from ul2_flan.mixtures.listing import every_member, listing, outline, summary
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.mixtures.stock import own_tasks
from ul2_flan.tasks import buckets
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.arguments import Parser, print_lines
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import add_commands
from ul2_flan.tasks.manifest import Manifest

_HELP = """Lists mixtures, and shows what they are made of and what is missing.

  %(prog)s list
  %(prog)s show flan2022_b
  %(prog)s show flan2022_b --manifest FLAN_OUT --tasks
"""


def read_manifest(path: str) -> Manifest:
  """Reads a run's manifest from any file system that Beam opens.

  Args:
    path: of `manifest.json`, or its folder.

  Raises:
    UserError: there is no such file, or it is no manifest.
  """
  path = manifest_lib.path_of(path)
  try:
    data = buckets.read_anywhere(path)
  except (OSError, ValueError) as e:
    raise UserError(
      f"--manifest '{path}': {e}. A run writes it when it is complete; finish "
      'the run, or give the folder that was its --output'
    ) from e
  return manifest_lib.parse(data, path)


def list_mixtures(args: argparse.Namespace) -> Iterator[str]:
  """Yields a table of names and descriptions."""
  return listing(definitions(args.definitions))


def show_mixture(args: argparse.Namespace) -> Iterator[str]:
  """Yields what a mixture is made of and, given runs, its members and rates.

  Raises:
    UserError: a number is out of its range, or there is no such mixture or run.
  """
  if args.num_examples < 0:
    raise UserError(
      f'--num_examples is {args.num_examples}: it must be at least 1; without '
      'it, as many count as there are before the first repeat'
    )
  manifests = [read_manifest(path) for path in args.manifest or ()]
  own = {task.suite for task in own_tasks(manifests).values()}
  mixture = load(args.mixture, args.definitions, suites=own)
  yield from outline(mixture)
  if not manifests:
    yield ''
    yield 'Members and rates need counts: give --manifest, a run of each kind.'
    return
  resolved = resolve(
    mixture,
    manifests,
    split=args.split,
    include=args.include,
    exclude=args.exclude,
    licence=args.licence,
  )
  yield ''
  if args.tasks:
    yield from every_member(resolved, args.num_examples)
    yield ''
  yield from summary(resolved, args.num_examples)


def main(
  argv: Sequence[str] | None = None, prog: str = 'python -m ul2_flan.mixtures'
) -> int:
  """Runs a subcommand; returns the exit status.

  Args:
    argv: arguments without the program's name; by default this process's.
    prog: what people type before them, for help and errors.
  """
  parser = Parser(
    prog=prog,
    description=_HELP,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  lines = {'list': list_mixtures, 'show': show_mixture}
  add_commands(parser, __package__, lines)
  return print_lines(parser, argv)


if __name__ == '__main__':
  sys.exit(main())
