"""All suites of a model beside the papers' rows, and beside another model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.comparison.spread import (
  of_templates,
  templates_told,
)
from ul2_flan.tasks.evaluation.report.average import (
  PARTS,
  by_part,
  normalised_average,
  published,
  published_tasks,
)
from ul2_flan.tasks.evaluation.report.coverage import unanswered
from ul2_flan.tasks.evaluation.report.free_form import free_form
from ul2_flan.tasks.evaluation.report.harness import score_as_harness
from ul2_flan.tasks.evaluation.report.intervals import (
  Interval,
  of_differences,
  of_scores,
)
from ul2_flan.tasks.evaluation.report.predictions import Read
from ul2_flan.tasks.evaluation.report.suite_score import (
  SuiteScore,
  score_suites,
)
from ul2_flan.tasks.evaluation.report.table import (
  beside_u_palm,
  of_suite,
  seen_by_flan,
)

# Of answers that another rule judges otherwise, the text shows so many.
_SHOWN = 3


class Overview:
  """What files of predictions say of a model."""

  def __init__(
    self,
    ours: Read,
    others: Read | None = None,
    prompts: Mapping[tuple[str, str], int] | None = None,
  ):
    """Scores all predictions.

    Args:
      ours: what the files hold.
      others: what those of another model hold, to compare with.
      prompts: how many there are, by task and variant, if that is known.

    Raises:
      UserError: the two models have no suite in common, or have answered
        different questions of one.
    """
    self._scores = score_suites(ours.predictions)
    self._parts = by_part(self._scores)
    self._average = normalised_average(self._parts)
    self._templates = of_templates(self._scores)
    self._harness = score_as_harness(ours.predictions)
    self._unanswered: list[str] = []
    if prompts is not None:
      self._unanswered += unanswered(prompts, ours.predictions)
    self._free = free_form(ours.answers) if ours.answers else None
    self._differences: dict[str, Interval] = {}
    if others:
      self._differences = _differences(
        self._scores, score_suites(others.predictions)
      )

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    return {
      'normalised_average': self._average,
      'interval': _facts(self._interval()),
      'suites': {
        f'{one.suite.name}:{one.variant}': self._suite_facts(one)
        for one in self._scores
      },
      'differences': {
        name: _facts(value) for name, value in self._differences.items()
      },
      'templates': [one.facts() for one in self._templates],
      'unanswered': self._unanswered,
      'free_form': self._free and dataclasses.asdict(self._free),
      'published': [
        dataclasses.asdict(row) | {'from_parts': row.from_parts}
        for row in published()
      ],
    }

  def _suite_facts(self, score: SuiteScore) -> dict[str, object]:
    harness = self._harness.get((score.suite.name, score.variant))
    published = published_tasks(score.suite.name)
    seen = seen_by_flan(score)
    return score.facts() | {
      'interval': _facts(_of_suite(score)),
      **({'published': published} if published else {}),
      **({'trained_on_by_flan': seen} if seen else {}),
      'lm_eval': harness and harness.facts(),
    }

  def lines(self) -> Iterator[str]:
    """Yields the same for people."""
    in_templates = {one.suite for one in self._templates}
    for score in self._scores:
      if in_templates.issuperset(score.tasks):
        continue
      yield from of_suite(score)
      if interval := _of_suite(score):
        yield f'mean {_said(interval)}'
      yield from self._harness_lines(score)
      yield from beside_u_palm(score)
      yield ''
    yield from templates_told(self._templates)
    if self._parts:
      yield from self._beside_the_papers()
    yield from self._unanswered
    for name, value in self._differences.items():
      verdict = 'these two do not differ' if value.has_zero else 'they differ'
      yield f'{name}: {_said(value)}: {verdict}'
    if self._free:
      yield (
        f'answers to free prompts, {self._free.n:,}: {self._free.empty:.1f}% '
        f'empty, {self._free.repeats:.1f}% repeat the prompt, '
        f'{self._free.endless:.1f}% do not end'
      )

  def _harness_lines(self, score: SuiteScore) -> Iterator[str]:
    harness = self._harness.get((score.suite.name, score.variant))
    if not harness:
      return
    yield (
      f"by lm-evaluation-harness's rule: mean {harness.mean:.2f}, pooled "
      f'{harness.pooled:.2f}; {len(harness.differs)} answers judged otherwise'
    )
    for one in harness.differs[:_SHOWN]:
      end = ' '.join(one.said.split())[-50:]
      verdict = 'wrong' if one.ours else 'right'
      yield f'  {one.task} {one.id}, {one.target!r}: {verdict}: …{end}'

  def _beside_the_papers(self) -> Iterator[str]:
    """Yields the table of arXiv 2210.11416, with a row of ours."""
    header = ('', 'normalised', *(f'{suite} {how}' for suite, how in PARTS))
    means = [
      self._parts[part].mean if part in self._parts else None for part in PARTS
    ]
    rows: list[tuple[str, Sequence[float | None]]] = [
      ('these predictions', [self._average, *means]),
      *((row.model, [row.normalised, *row.parts]) for row in published()),
    ]
    cells = [
      (name, *('-' if value is None else f'{value:.1f}' for value in values))
      for name, values in rows
    ]
    yield from table([header, *cells], right=range(1, len(header)))
    yield ''
    if interval := self._interval():
      yield f'normalised average {_said(interval)}'
    else:
      missing = [' '.join(part) for part in PARTS if part not in self._parts]
      yield f'no normalised average without {", ".join(missing)}'
    partial = [one for one in self._parts.values() if one.missing]
    if partial:
      yield f'not of all tasks: {_named(partial)}'

  def _interval(self) -> Interval | None:
    if self._average is None:
      return None
    return of_scores(self._parts.values(), normalised=True)


def _differences(
  ours: Sequence[SuiteScore], others: Sequence[SuiteScore]
) -> dict[str, Interval]:
  """By suite, and for the normalised average where both models have it."""
  theirs = {(one.suite.name, one.variant): one for one in others}
  pairs = {
    key: (one, theirs[key])
    for one in ours
    if one.counted and (key := (one.suite.name, one.variant)) in theirs
  }
  if not pairs:
    raise UserError(
      'the files to compare with have no suite in common with the others: '
      f'{_named(others) or "nothing"} beside {_named(ours) or "nothing"}'
    )
  found = {
    ' '.join(key): of_differences([pair], normalised=False)
    for key, pair in pairs.items()
  }
  if all(part in pairs for part in PARTS):
    found['normalised average'] = of_differences(
      [pairs[part] for part in PARTS], normalised=True
    )
  return found


def _of_suite(score: SuiteScore) -> Interval | None:
  return of_scores([score], normalised=False) if score.counted else None


def _facts(interval: Interval | None) -> dict[str, float | bool] | None:
  return interval and interval._asdict() | {'has_zero': interval.has_zero}


def _said(interval: Interval) -> str:
  return (
    f'{interval.value:.2f}, between {interval.low:.2f} and {interval.high:.2f}'
  )


def _named(scores: Iterable[SuiteScore]) -> str:
  return ', '.join(f'{one.suite.name} {one.variant}' for one in scores)
