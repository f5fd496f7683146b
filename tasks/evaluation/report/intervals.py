"""How far chance alone moves a score: bootstrap intervals of 95%.

Questions are drawn anew within each task, since a suite's tasks are chosen and
not drawn. An answer is right or wrong, so what the questions of a task draw has
a multinomial distribution. It is drawn directly, which is the bootstrap without
its loop. So it is with the hits and errors that F1 is made of.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import TaskScore
from ul2_flan.tasks.evaluation.rules.rank import f1_of

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
  """A task's questions: how many, and what they count.

  Attributes:
    questions: how many.
    won: the share that counts 1.
    lost: the share that counts -1.
    random: what guesses score, in percent.
    f1_parts: bool [questions, 2 or 4], if F1 counts and not these shares: hits
      and errors, and then those of the model to compare with.
  """

  questions: int
  won: float
  lost: float
  random: float
  f1_parts: np.ndarray | None = None


def of_scores(scores: Iterable[SuiteScore], *, normalised: bool) -> Interval:
  """The interval of the mean over suites of their means over tasks.

  Args:
    scores: of suites with at least one task of their means.
    normalised: whether random guesses count as 0.
  """
  suites = [
    [
      _Task(
        len(one.right), one.accuracy / 100, 0.0, one.task.random, one.f1_parts
      )
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
  places = {key: i for i, key in enumerate(other.ids)}
  at = [places[key] for key in one.ids]
  gain = 1.0 * one.right - other.right[at]
  parts = None
  if one.f1_parts is not None and other.f1_parts is not None:
    parts = np.concatenate([one.f1_parts, other.f1_parts[at]], 1)
  return _Task(
    len(one.ids),
    float(np.maximum(gain, 0).mean()),
    float(np.maximum(-gain, 0).mean()),
    one.task.random,
    parts,
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
      is_f1 = task.f1_parts is not None
      share, drawn = _f1_drawn(task, rng) if is_f1 else _drawn(task, rng)
      value += weight * share
      draws += weight * drawn
  low, high = np.percentile(draws + baseline, [2.5, 97.5])
  return Interval(float(value), float(low), float(high))


def _drawn(task: _Task, rng: np.random.Generator) -> tuple[float, np.ndarray]:
  """Draws a task's questions: what they count, and what the drawn ones do."""
  rest = max(0.0, 1 - task.won - task.lost)
  drawn = rng.multinomial(task.questions, [task.won, task.lost, rest], _DRAWS)
  return task.won - task.lost, (drawn[:, 0] - drawn[:, 1]) / task.questions


def _f1_drawn(
  task: _Task, rng: np.random.Generator
) -> tuple[float, np.ndarray]:
  """The same where F1 counts, or the difference of two models' F1."""
  assert task.f1_parts is not None
  kinds, counts = np.unique(task.f1_parts, axis=0, return_counts=True)
  drawn = rng.multinomial(task.questions, counts / task.questions, _DRAWS)
  # Of the questions as they are, and then of those that are drawn.
  sums = np.concatenate([counts[None], drawn]) @ kinds.astype(np.int64)
  shares = f1_of(sums[:, :2]) / 100
  if kinds.shape[1] > 2:
    shares = shares - f1_of(sums[:, 2:]) / 100
  return float(shares[0]), shares[1:]
