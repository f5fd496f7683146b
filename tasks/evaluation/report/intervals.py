"""How far chance alone moves a score: bootstrap intervals of 95%.

Questions are drawn anew within each task, since a suite's tasks are chosen and
not drawn. An answer is right or wrong, so what the questions of a task draw has
a multinomial distribution. It is drawn directly, which is the bootstrap without
its loop.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import TaskScore

_DRAWS = 5_000


class Interval(NamedTuple):
  """A value and the interval of 95% around it, in points of percent."""

  value: float
  low: float
  high: float

  @property
  def has_zero(self) -> bool:
    """Whether chance alone may have made the value."""
    return self.low <= 0 <= self.high


class _Task(NamedTuple):
  """A task's questions: how many, and the shares that count 1 and -1."""

  questions: int
  won: float
  lost: float
  random: float


def of_scores(scores: Iterable[SuiteScore], *, normalised: bool) -> Interval:
  """The interval of the mean over suites of their means over tasks.

  Args:
    scores: of suites with at least one task of their means.
    normalised: whether random guesses count as 0.
  """
  suites = [
    [
      _Task(len(one.right), one.accuracy / 100, 0.0, one.task.random)
      for one in score.counted
    ]
    for score in scores
  ]
  baseline = np.mean(
    [np.mean([_scaled(0, task, normalised) for task in s]) for s in suites]
  )
  return _interval(suites, normalised, float(baseline))


def of_differences(
  pairs: Iterable[tuple[SuiteScore, SuiteScore]], *, normalised: bool
) -> Interval:
  """How much more the first model of each pair scores than the second.

  Both answer the same questions, so this is narrower than the intervals of the
  two scores let one think.

  Args:
    pairs: of the same suite and variant; means are over pairs.
    normalised: whether random guesses count as 0.

  Raises:
    UserError: the models have answered different questions.
  """
  suites = [
    [
      _compared(one, theirs.tasks.get(one.task.name), ours.variant)
      for one in ours.counted
    ]
    for ours, theirs in pairs
  ]
  return _interval(suites, normalised, 0.0)


def _compared(one: TaskScore, other: TaskScore | None, variant: str) -> _Task:
  if other is None or {*one.ids} != {*other.ids}:
    raise UserError(
      f'the two models have answered different questions of {one.task.name} '
      f'({variant}), {len(one.ids)} and {len(other.ids) if other else 0}: '
      'compare files of the same prompts'
    )
  at = {key: i for i, key in enumerate(other.ids)}
  gain = 1.0 * one.right - other.right[[at[key] for key in one.ids]]
  return _Task(
    len(one.ids),
    float(np.maximum(gain, 0).mean()),
    float(np.maximum(-gain, 0).mean()),
    one.task.random,
  )


def _scaled(raw: float, task: _Task, normalised: bool) -> float:
  return 100 * (raw - task.random) / (100 - task.random) if normalised else raw


def _interval(
  suites: list[list[_Task]], normalised: bool, baseline: float
) -> Interval:
  """Draws all tasks; `baseline` is the value where nothing is won or lost."""
  # The same files have the same interval in every call.
  rng = np.random.default_rng(0)
  value, draws = baseline, np.zeros(_DRAWS)
  for suite in suites:
    for task in suite:
      scale = 100 / (100 - task.random) if normalised else 1.0
      weight = 100 * scale / len(suite) / len(suites)
      rest = max(0.0, 1 - task.won - task.lost)
      drawn = rng.multinomial(
        task.questions, [task.won, task.lost, rest], _DRAWS
      )
      value += weight * (task.won - task.lost)
      draws += weight * (drawn[:, 0] - drawn[:, 1]) / task.questions
  low, high = np.percentile(draws + baseline, [2.5, 97.5])
  return Interval(float(value), float(low), float(high))
