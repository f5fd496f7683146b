"""Scores predictions on the evaluation suites; needs no model."""

import argparse
from collections.abc import Iterator, Sequence
import json
from pathlib import Path
import sys

from ul2_flan.tasks.arguments import Parser, print_lines
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.comparison import plot, sizes, spread
from ul2_flan.tasks.evaluation.report import contaminated, predictions, table
from ul2_flan.tasks.evaluation.report.coverage import read_prompts
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.evaluation.rules.rank import RANK_BY, RankBy
from ul2_flan.tasks.flags import add_commands


def score(args: argparse.Namespace) -> Iterator[str]:
  """Yields the scores of one suite in one variant."""
  suites.load(args.suite).variant(args.variant)
  read, answers = predictions.read(
    [args.file], args.suite, args.variant, _rank_by(args)
  )
  if answers:
    raise UserError(
      f'{args.file} has answers without a task and a reference: '
      f'{len(answers)}. `scores` counts what goes wrong in such answers'
    )
  others = sorted(
    {f'{one.task.suite} {one.variant}' for one in read}
    - {f'{args.suite} {args.variant}'}
  )
  if others or not read:
    raise UserError(
      f'{args.file} has '
      + (f'predictions of {", ".join(others)}' if others else 'no predictions')
      + f', and you asked for {args.suite} {args.variant}'
    )
  (scored,) = score_suites(read)
  if args.json:
    yield json.dumps(scored.facts(), indent=2, ensure_ascii=False)
  else:
    yield from table.of_suite(scored)


def scores(args: argparse.Namespace) -> Iterator[str]:
  """Yields the scores of all suites, beside the papers' rows."""
  ours, others = (
    predictions.read(files, args.suite, args.variant, _rank_by(args))
    for files in (args.files, args.compare)
  )
  if not (ours.predictions or ours.answers):
    raise UserError(f'{" ".join(args.files)}: there are no predictions')
  overview = Overview(
    ours,
    others if args.compare else None,
    read_prompts(args.manifest) if args.manifest else None,
  )
  found: list[contaminated.Half] = []
  if args.contamination:
    items = contaminated.read_items(args.contamination)
    found = contaminated.halves(ours.predictions, items)
  spreads = _spreads(args, ours.predictions)
  curves = _curves(args)
  if args.json:
    facts = overview.facts()
    facts['contamination'] = [half.facts() for half in found]
    facts['prompts'] = [one.facts() for one in spreads]
    facts['sizes'] = [curve.facts() for curve in curves]
    yield json.dumps(facts, indent=2, ensure_ascii=False)
  else:
    yield from overview.lines()
    yield from contaminated.lines(found)
    yield from spread.lines(spreads)
    yield from sizes.lines(curves)


def _rank_by(args: argparse.Namespace) -> RankBy:
  if args.rank_by not in RANK_BY:
    raise unknown('value of --rank_by', args.rank_by, RANK_BY)
  by: RankBy = args.rank_by
  return by


def _spreads(
  args: argparse.Namespace, ours: Sequence[predictions.Prediction]
) -> list[spread.Spread]:
  """Compares the answers with those to other prompts, if there are some."""
  if not args.prompts:
    return []
  others = [
    predictions.read(
      [path], args.suite, args.variant, _rank_by(args)
    ).predictions
    for path in args.prompts
  ]
  return spread.spreads([ours, *others])


def _curves(args: argparse.Namespace) -> list[sizes.Curve]:
  """Compares models of several sizes, if they are given, and draws them."""
  given = sizes.parse(args.sizes)
  if args.plot and not given:
    raise UserError(f'--plot {args.plot}: give the models to draw as --sizes')
  if not given:
    return []
  curves = sizes.curves(
    {
      compute: predictions.read(
        paths, args.suite, args.variant, _rank_by(args)
      ).predictions
      for compute, paths in given.items()
    }
  )
  if args.plot:
    try:
      plot.write(curves, Path(args.plot))
    except OSError as e:
      raise UserError(f"--plot '{args.plot}': {e}") from e
  return curves


def main(
  argv: Sequence[str] | None = None,
  prog: str = 'python -m ul2_flan.tasks.evaluation',
) -> int:
  """Runs a subcommand; returns the exit status.

  Args:
    argv: arguments without the program's name; by default this process's.
    prog: what people type before them, for help and errors.
  """
  parser = Parser(prog=prog, description=__doc__)
  words = {'suites': ', '.join(suites.names()), 'rank_by': ', '.join(RANK_BY)}
  add_commands(parser, __package__, {'score': score, 'scores': scores}, words)
  return print_lines(parser, argv)


if __name__ == '__main__':
  sys.exit(main())
