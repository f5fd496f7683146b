"""The scores of a model on the evaluation suites, beside the papers' rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.average import PARTS
from ul2_flan.tasks.evaluation.report.overview import Overview


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
  """The scores of one model, from 0 to 100; None for what it did not answer.

  Attributes:
    model: its name.
    average: the normalised average of all suites.
    parts: the mean of each of `Scores.parts`.
    intervals: the lowest and highest that each mean may well be; empty for what
      papers print.
  """

  model: str
  average: float | None
  parts: Sequence[float | None]
  intervals: Sequence[tuple[float, float] | None] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Scores:
  """A table of scores.

  Attributes:
    parts: the suites in their variants.
    rows: the model's first, then those of arXiv 2210.11416, Table 5.
    notes: prompts that were not answered, and the like.
  """

  parts: Sequence[str]
  rows: Sequence[Row]
  notes: Sequence[str]


def of(files: Sequence[str]) -> Scores | None:
  """Scores files of predictions, as `ul2-flan scores` does.

  Returns:
    None if there are no files.

  Raises:
    UserError: they hold no predictions.
  """
  if not files:
    return None
  read = predictions.read(files)
  if not read.predictions:
    raise UserError(f'--predictions {" ".join(files)}: there are none')
  facts: Mapping[str, Any] = Overview(read).facts()
  suites = facts['suites']
  known = [suites.get(f'{suite}:{variant}', {}) for suite, variant in PARTS]
  intervals = [one.get('interval') for one in known]
  ours = Row(
    'these predictions',
    facts['normalised_average'],
    [one.get('mean') for one in known],
    [(i['low'], i['high']) if i else None for i in intervals],
  )
  papers = [
    Row(row['model'], row['normalised'], row['parts'])
    for row in facts['published']
  ]
  names = [f'{suite} {variant}' for suite, variant in PARTS]
  return Scores(names, [ours, *papers], facts['unanswered'])
