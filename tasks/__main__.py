"""Lists the tasks of the catalog, shows one, or imports templates for them."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
import json
import sys

from ul2_flan.tasks import catalog
from ul2_flan.tasks.arguments import Parser, print_lines
from ul2_flan.tasks.catalog.facts import facts_of, of_evaluation
from ul2_flan.tasks.catalog.licences import LicenceExpression
from ul2_flan.tasks.catalog.listing import describe, listing, table_of_sources
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.suites import listing as suite_listing
from ul2_flan.tasks.flags import add_commands
from ul2_flan.tasks.flan_import import import_templates
from ul2_flan.tasks.rendering import OwnTemplates
from ul2_flan.tasks.rendering.sheet import sheet


def list_tasks(args: argparse.Namespace) -> Iterator[str]:
  """Yields tables of the tasks that fit the flags: to train on, to evaluate."""
  known = [*catalog.suites(), *suites.names()]
  if args.suite and args.suite not in known:
    raise unknown('suite', args.suite, known)
  fields = {'language': args.language, 'category': args.category}
  chosen, asked = [], []
  if args.suite not in suites.names():
    found = catalog.tasks(suite=args.suite, left_out=args.all, **fields)
    chosen = [task for task in found if _fits(args, task.licence)]
    if args.available:
      chosen = [task for task in chosen if facts_of(task).available]
  if args.suite not in catalog.suites():
    there = {facts.task for facts in of_evaluation() if facts.available}
    asked = [
      task
      for task in suite_listing.tasks(suite=args.suite, **fields)
      if _fits(args, suites.load(task.suite).licence)
      and (task.suite in there or not args.available)
    ]
  if not (chosen or asked):
    raise _nothing(args)
  if chosen:
    yield from listing(chosen)
  if chosen and asked:
    yield ''
  if asked:
    yield from suite_listing.listing(asked)


def _fits(args: argparse.Namespace, licence: str) -> bool:
  if args.licence is None:
    return True
  return LicenceExpression(args.licence).fits(licence)


def _nothing(args: argparse.Namespace) -> UserError:
  """Makes the error for flags that no task fits."""
  known = {task.category for task in catalog.tasks(left_out=True)}
  known |= {task.category for task in suite_listing.tasks()}
  if args.category and not any(
    args.category.lower() in c.lower() for c in known
  ):
    return unknown('category', args.category, known - {''})
  given = ' '.join(
    f'--{flag} {getattr(args, flag)}'
    for flag in ('suite', 'language', 'category', 'licence')
    if getattr(args, flag)
  ) + (' --available' if args.available else '')
  return UserError(
    f'no task fits {given}: leave one of them out'
    + ('' if args.all else ', or add --all')
  )


def sources(args: argparse.Namespace) -> Iterator[str]:
  """Yields where the data of tasks are: a table, or JSON.

  Raises:
    UserError: there is no such suite.
  """
  facts = [facts_of(task) for task in catalog.tasks()]
  facts += of_evaluation()
  if args.suite:
    suites = dict.fromkeys(one.task.partition(':')[0] for one in facts)
    if args.suite not in suites:
      raise unknown('suite', args.suite, suites)
    facts = [f for f in facts if f.task.partition(':')[0] == args.suite]
  if args.json:
    told = [
      {**asdict(f), 'bytes': f.bytes, 'available': f.available} for f in facts
    ]
    yield json.dumps(told, indent=1, ensure_ascii=False)
  else:
    yield from table_of_sources(facts)


def fetch_data(args: argparse.Namespace) -> Iterator[str]:
  """Gets the data of tasks; yields lines that report it."""
  # Here, since it takes half a second to import.
  from ul2_flan.tasks.fetch.command import fetch

  return fetch(
    to=args.to,
    suites=_names(args.suite),
    tasks=_names(args.tasks),
    licence=args.licence or '',
    plan_only=args.plan_only,
    tfds=args.tfds,
  )


def _names(text: str | None) -> list[str]:
  return [name.strip() for name in (text or '').split(',') if name.strip()]


def show_task(args: argparse.Namespace) -> Iterator[str]:
  """Yields all about one task: its entry, its templates, and examples."""
  if args.task.partition(':')[0] in suites.names():
    yield from suite_listing.describe(args.task)
    return
  task = catalog.load(args.task)
  own_templates = OwnTemplates.read(args.templates)
  yield from describe(task)
  yield from sheet(task, seed=args.seed, own_templates=own_templates)


def import_flan(args: argparse.Namespace) -> Iterator[str]:
  """Writes google-research/FLAN's templates; yields lines that report it."""
  return import_templates(args.checkout, args.output)


def main(
  argv: Sequence[str] | None = None, prog: str = 'python -m ul2_flan.tasks'
) -> int:
  """Runs a subcommand; returns the exit status.

  Args:
    argv: arguments without the program's name; by default this process's.
    prog: what people type before them, for help and errors.
  """
  parser = Parser(
    prog=prog, description='Lists tasks, shows one, or imports templates.'
  )
  lines = {
    'list': list_tasks,
    'show': show_task,
    'sources': sources,
    'fetch': fetch_data,
    'import_flan_templates': import_flan,
  }
  words = {
    'suites': ', '.join(catalog.suites()),
    'evaluation': ', '.join(suites.names()),
  }
  add_commands(parser, __package__, lines, words)
  return print_lines(parser, argv)


if __name__ == '__main__':
  sys.exit(main())
