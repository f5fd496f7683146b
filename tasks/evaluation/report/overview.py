"""All suites of a model beside the papers' rows, and beside another model."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report import intervals
from ul2_flan.tasks.evaluation.report.average import (
  PARTS,
  by_part,
  normalised_average,
  published,
)
from ul2_flan.tasks.evaluation.report.intervals import Interval
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.table import of_suite

Pairs = Sequence[tuple[SuiteScore, SuiteScore]]


def pairs(ours: Sequence[SuiteScore], others: Sequence[SuiteScore]) -> Pairs:
  """Finds what two models have in common.

  Raises:
    UserError: there is no suite that both have answered in the same variant.
  """
  theirs = {(one.suite.name, one.variant): one for one in others}
  found = [
    (one, theirs[key])
    for one in ours
    if one.counted and (key := (one.suite.name, one.variant)) in theirs
  ]
  if not found:
    raise UserError(
      'the files to compare with have no suite in common with the others: '
      f'{_named(others) or "nothing"} beside {_named(ours)}'
    )
  return found


def facts(scores: Sequence[SuiteScore], compared: Pairs) -> dict[str, object]:
  """Returns what `--json` prints."""
  parts = by_part(scores)
  average = normalised_average(parts)
  return {
    'normalised_average': average,
    'interval': None
    if average is None
    else _facts(intervals.of_scores(parts.values(), normalised=True)),
    'suites': {
      f'{one.suite.name}:{one.variant}': one.facts()
      | {
        'interval': _facts(intervals.of_scores([one], normalised=False))
        if one.counted
        else None
      }
      for one in scores
    },
    'differences': {
      name: _facts(value) for name, value in _differences(compared).items()
    },
    'published': [
      dataclasses.asdict(row) | {'from_parts': row.from_parts}
      for row in published()
    ],
  }


def lines(scores: Sequence[SuiteScore], compared: Pairs) -> Iterator[str]:
  """Yields the same for people."""
  for score in scores:
    yield from of_suite(score)
    if score.counted:
      yield f'mean {_said(intervals.of_scores([score], normalised=False))}'
    yield ''
  yield from _beside_the_papers(scores)
  for name, difference in _differences(compared).items():
    verdict = (
      'these two do not differ' if difference.has_zero else 'they differ'
    )
    yield f'{name}: {_said(difference)}: {verdict}'


def _beside_the_papers(scores: Sequence[SuiteScore]) -> Iterator[str]:
  """Yields the table of arXiv 2210.11416, with a row of ours."""
  parts = by_part(scores)
  average = normalised_average(parts)
  header = ('', 'normalised', *(f'{suite} {how}' for suite, how in PARTS))
  ours = [parts[part].mean if part in parts else None for part in PARTS]
  rows: list[tuple[str, Sequence[float | None]]] = [
    ('these predictions', [average, *ours]),
    *((row.model, [row.normalised, *row.parts]) for row in published()),
  ]
  cells = [
    (name, *('-' if value is None else f'{value:.1f}' for value in values))
    for name, values in rows
  ]
  yield from table([header, *cells], right=range(1, len(header)))
  yield ''
  if average is None:
    missing = [' '.join(part) for part in PARTS if part not in parts]
    yield f'no normalised average without {", ".join(missing)}'
  else:
    interval = intervals.of_scores(parts.values(), normalised=True)
    yield f'normalised average {_said(interval)}'
  partial = [one for one in parts.values() if one.missing]
  if partial:
    yield f'not of all tasks: {_named(partial)}'


def _differences(compared: Pairs) -> Mapping[str, Interval]:
  """By suite, and for the normalised average where both models have it."""
  found = {
    f'{ours.suite.name} {ours.variant}': intervals.of_differences(
      [(ours, theirs)], normalised=False
    )
    for ours, theirs in compared
  }
  parts = by_part([ours for ours, _ in compared])
  if len(parts) == len(PARTS):
    both = [pair for pair in compared if pair[0] in parts.values()]
    found['normalised average'] = intervals.of_differences(
      both, normalised=True
    )
  return found


def _facts(interval: Interval) -> dict[str, float | bool]:
  return interval._asdict() | {'has_zero': interval.has_zero}


def _said(interval: Interval) -> str:
  return (
    f'{interval.value:.2f}, between {interval.low:.2f} and {interval.high:.2f}'
  )


def _named(scores: Sequence[SuiteScore]) -> str:
  return ', '.join(f'{one.suite.name} {one.variant}' for one in scores)
