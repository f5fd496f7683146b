"""How much a score depends on the prompt: the same questions asked otherwise.

Templates, orders of options and exemplars change what a model answers, and no
interval of one prompt's score tells of it.
"""

from collections.abc import Iterable, Iterator, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.suite_score import (
  SuiteScore,
  score_suites,
)
from ul2_flan.tasks.evaluation.suites import load


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
  """What several prompts make of one suite, or of one task.

  Attributes:
    suite: the suite's name, or the task's full one.
    variant: 'direct' or 'cot'; of templates empty.
    means: over the tasks that all prompts have, of each prompt, in percent.
    questions: how many all prompts ask.
    changed: the share of these that some prompts get right and some wrong, in
      percent.
  """

  suite: str
  variant: str
  means: tuple[float, ...]
  questions: int
  changed: float

  @property
  def deviation(self) -> float:
    """The standard deviation of the means, as of a sample of prompts."""
    return float(np.std(self.means, ddof=1))

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    return dataclasses.asdict(self) | {
      'mean': float(np.mean(self.means)),
      'deviation': self.deviation,
    }


def spreads(prompts: Sequence[Iterable[Prediction]]) -> list[Spread]:
  """Compares what one model says to several prompts of the same questions.

  Args:
    prompts: the predictions of each; two or more.

  Raises:
    UserError: no suite is asked in all of them.
  """
  scored = [
    {(one.suite.name, one.variant): one for one in score_suites(predictions)}
    for predictions in prompts
  ]
  found = [
    spread
    for key, first in scored[0].items()
    if all(key in others for others in scored)
    and (spread := _spread([others[key] for others in scored], *key))
    and first.counted
  ]
  if not found:
    raise UserError(
      '--prompts: no question is in all files. Give answers to the same '
      'questions, with the ids of their prompts'
    )
  return found


def of_templates(scores: Iterable[SuiteScore]) -> list[Spread]:
  """Compares the templates of each task that is asked in several.

  A task counts in the templates that it has: its rows may lack a field of
  others.

  Args:
    scores: of all suites and variants; those of other suites do not matter.
  """
  of_task: dict[str, list[SuiteScore]] = {}
  for one in scores:
    for name, score in one.tasks.items() if one.suite.catalog else ():
      alone = dataclasses.replace(one, tasks={name: score})
      of_task.setdefault(name, []).append(alone)
  return [
    found
    for name, alone in of_task.items()
    if len(alone) > 1 and (found := _spread(alone, name, ''))
  ]


def templates_told(found: Sequence[Spread]) -> Iterator[str]:
  """Yields a table of tasks that are asked in several templates."""
  if not found:
    return
  header = ('task', 'prompts', 'n', 'random', 'mean', 'from', 'to')
  rows = []
  for one in found:
    random = load(one.suite.partition(':')[0]).task(one.suite).random
    numbers = [
      *(random, float(np.mean(one.means)), min(one.means), max(one.means)),
      *(one.deviation, one.changed),
    ]
    rows.append((one, numbers))
  means = np.mean([numbers for _, numbers in rows], axis=0).tolist()
  yield 'the same questions in several templates, or orders of options'
  yield ''
  yield from table(
    [
      (*header, 'deviation', 'changed'),
      *(
        (
          *(one.suite, str(len(one.means)), f'{one.questions:,}'),
          *(f'{x:.2f}' for x in numbers),
        )
        for one, numbers in rows
      ),
      (f'mean of {len(rows)}', '', '', *(f'{x:.2f}' for x in means)),
    ],
    right=range(1, 9),
  )
  yield (
    'deviation: of the prompts; changed: the percentage of questions that '
    'are right in some of them alone'
  )
  yield ''


def _spread(
  scores: Sequence[SuiteScore], suite: str, variant: str
) -> Spread | None:
  """Compares the questions that all prompts ask; None if there are none."""
  rights: list[list[float]] = [[] for _ in scores]
  questions = changed = 0
  for name, first in scores[0].tasks.items():
    others = [score.tasks.get(name) for score in scores]
    if not first.task.category or None in others:
      continue
    tables = [
      dict(zip(one.ids, one.right.tolist(), strict=True))
      for one in others
      if one
    ]
    shared = [id for id in first.ids if all(id in table for table in tables)]
    if not shared:
      continue
    right = np.array([[table[id] for id in shared] for table in tables])
    questions += len(shared)
    changed += int((right.any(0) & ~right.all(0)).sum())
    for means, row in zip(rights, right, strict=True):
      means.append(float(100 * row.mean()))
  if not questions:
    return None
  return Spread(
    suite,
    variant,
    tuple(float(np.mean(means)) for means in rights),
    questions,
    100 * changed / questions,
  )


def lines(found: Iterable[Spread]) -> Iterator[str]:
  """Tells people of spreads."""
  for one in found:
    yield (
      f'{one.suite} {one.variant}, {len(one.means)} prompts: mean '
      f'{np.mean(one.means):.2f}, from {min(one.means):.2f} to '
      f'{max(one.means):.2f}, standard deviation {one.deviation:.2f}; '
      f'{one.changed:.1f}% of {one.questions:,} questions are right with some '
      'prompts alone'
    )
