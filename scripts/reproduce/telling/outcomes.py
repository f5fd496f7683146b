"""Reads kept files of scores, and means of them with intervals.

Each number is a mean over tasks, none weighted by its size, and then over
seeds. Intervals of 95% are bootstrapped: questions are drawn anew within each
task, the same for all arms, and seeds are drawn anew too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
import dataclasses
import fnmatch
import functools
import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from reproduce.arms import arms

from ul2_flan.tasks.evaluation.report.intervals import Interval
from ul2_flan.tasks.evaluation.rules.rank import Choice, rank_credits

_DRAWS = 2_000


class Task(NamedTuple):
  """What one model gave the questions of a task, as arrays over questions.

  Attributes:
    nats: of the right target, or of the only one.
    tokens: of that target.
    credits: of the choice that is ranked first; 0 without choices.
    random: what a random choice gets on average.
  """

  nats: np.ndarray
  tokens: np.ndarray
  credits: np.ndarray
  random: np.ndarray


# Of the questions of a task, the weights of each draw: [draws, questions].
Weights = np.ndarray


def loss(task: Task, weights: Weights) -> np.ndarray:
  """Nats per token of the target."""
  return (weights @ task.nats) / (weights @ task.tokens)


def accuracy(task: Task, weights: Weights) -> np.ndarray:
  """The share of right choices, in percent."""
  return 100 * (weights @ task.credits) / weights.sum(axis=1)


def normalised(task: Task, weights: Weights) -> np.ndarray:
  """Accuracy as the papers normalise it: that of random choices is 0."""
  random = 100 * task.random.mean()
  return 100 * (accuracy(task, weights) - random) / (100 - random)


Measure = Callable[[Task, Weights], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Outcomes:
  """All that was kept of all arms.

  Attributes:
    by_arm: maps an arm's name and a seed to the tasks by name.
  """

  by_arm: Mapping[str, Mapping[int, Mapping[str, Task]]]

  def mean(
    self, arm: str, measure: Measure, *patterns: str, minus: str = ''
  ) -> Interval:
    """Returns the mean of a measure over tasks, or how far two arms are apart.

    Args:
      arm: its name.
      measure: what is computed of a task.
      *patterns: of the tasks' names; a task fits one of them.
      minus: an arm whose mean is taken off, on the same questions.
    """
    seeds = sorted(self.by_arm[arm])
    if minus:
      seeds = sorted(set(seeds) & set(self.by_arm[minus]))
    drawn = np.array(
      [
        self._draws(arm, seed, measure, patterns)
        - (self._draws(minus, seed, measure, patterns) if minus else 0)
        for seed in seeds
      ]
    )
    # The first column is of all questions once, and so are the first seeds.
    picks = np.random.default_rng(0).integers(len(seeds), size=drawn.shape)
    picks[:, 0] = np.arange(len(seeds))
    means = np.take_along_axis(drawn, picks, axis=0).mean(axis=0)
    low, high = np.percentile(means[1:], [2.5, 97.5])
    return Interval(float(means[0]), float(low), float(high))

  def of_seed(self, seed: int) -> Outcomes:
    """Returns what was kept of arms that have a seed."""
    return Outcomes(
      {
        arm: {seed: seeds[seed]}
        for arm, seeds in self.by_arm.items()
        if seed in seeds
      }
    )

  def tasks(self, arm: str, patterns: Iterable[str]) -> list[str]:
    """Returns the names of an arm's tasks that fit one of the patterns."""
    of_seed = next(iter(self.by_arm[arm].values()))
    return [
      name
      for name in of_seed
      if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    ]

  def _draws(
    self, arm: str, seed: int, measure: Measure, patterns: Sequence[str]
  ) -> np.ndarray:
    tasks = self.by_arm[arm][seed]
    return np.mean(
      [
        measure(tasks[name], _weights(name, len(tasks[name].nats)))
        for name in self.tasks(arm, patterns)
      ],
      axis=0,
    )


@functools.cache
def _weights(name: str, questions: int) -> Weights:
  """Draws how often each question of a task counts; once each in the first."""
  seed = [*name.encode()]
  drawn = np.random.default_rng(seed).multinomial(
    questions, np.full(questions, 1 / questions), size=_DRAWS
  )
  return np.vstack([np.ones((1, questions)), drawn])


def read(folder: Path) -> Outcomes:
  """Reads what `measure.py` has kept, in the order of `arms.toml`."""
  by_arm: dict[str, dict[int, Mapping[str, Task]]] = {}
  asked = {
    model: _lines(folder / f'questions.{model}.jsonl.gz')
    for model in {arm.model for arm in arms().values()}
  }
  for name, arm in arms().items():
    for path in sorted(folder.glob(f'{name}.*.jsonl.gz')):
      seed = int(path.name.split('.')[1])
      tasks = _tasks(asked[arm.model], _lines(path))
      by_arm.setdefault(name, {})[seed] = tasks
  return Outcomes(by_arm)


def _lines(path: Path) -> list[Any]:
  if not path.exists():
    return []
  with gzip.open(path, 'rt', encoding='utf-8') as f:
    return [json.loads(line) for line in f]


def _tasks(
  questions: Sequence[Mapping[str, Any]], scores: Sequence[Sequence[float]]
) -> dict[str, Task]:
  rows: dict[str, list[tuple[float, int, float, float]]] = {}
  for question, given in zip(questions, scores, strict=True):
    rows.setdefault(question['task'], []).append(_row(question, given))
  return {
    name: Task(*map(np.array, zip(*of_task, strict=True)))
    for name, of_task in rows.items()
  }


def _row(
  question: Mapping[str, Any], scores: Sequence[float]
) -> tuple[float, int, float, float]:
  """Returns what `Task` has of a question."""
  tokens, credits = question['tokens'], question.get('credits')
  if not credits:
    return -scores[0], tokens[0], 0.0, 0.0
  choices = [Choice(0, i, credit, 1, 1) for i, credit in enumerate(credits)]
  right = int(np.argmax(credits))
  earned = float(rank_credits(choices, scores)[0])
  return -scores[right], tokens[right], earned, float(np.mean(credits))
