"""Intervals are as wide as chance makes scores differ."""

import dataclasses

import numpy as np
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.intervals import of_differences, of_scores
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import TaskScore
from ul2_flan.tasks.evaluation.suites import load


def score(right: dict[str, list[bool]], ids: str = 'q') -> SuiteScore:
  suite = load('bbh')
  return SuiteScore(
    suite,
    'cot',
    {
      f'bbh:{key}': TaskScore(
        suite.task(key),
        tuple(f'{ids}{i}' for i in range(len(values))),
        np.array(values),
        found={},
        endless=0.0,
        truncated=0.0,
        f1=None,
        second=None,
        by_samples={},
        samples=1,
        vote_shares=np.ones(len(values)),
      )
      for key, values in right.items()
    },
  )


HALF = [True, False] * 50
MOST = [True] * 75 + [False] * 25


def test_the_width_is_that_of_the_standard_error():
  one = score({'snarks': HALF, 'word_sorting': MOST})
  interval = of_scores([one], normalised=False)
  error = 100 * np.sqrt(0.25 / 100 + 0.1875 / 100) / 2
  assert interval.value == pytest.approx(62.5)
  assert interval.high - interval.low == pytest.approx(
    2 * 1.96 * error, rel=0.05
  )
  normal = of_scores([one], normalised=True)
  assert normal.value == pytest.approx(one.normalised)
  assert normal.low < normal.value < normal.high
  assert of_scores([one], normalised=False) == interval


def test_the_mean_of_two_suites():
  one, other = score({'snarks': HALF}), score({'snarks': MOST})
  assert of_scores([one, other], normalised=True).value == pytest.approx(25)


def test_two_models_differ_where_the_same_questions_say_so():
  ours, theirs = [True] * 60 + [False] * 40, [True] * 50 + [False] * 50
  interval = of_differences(
    [(score({'snarks': ours}), score({'snarks': theirs}))], normalised=False
  )
  assert interval.value == pytest.approx(10)
  assert not interval.has_zero
  # The same scores of answers that have nothing to do with each other.
  shuffled = (theirs[::2] + theirs[1::2])[::-1]
  interval = of_differences(
    [(score({'snarks': ours}), score({'snarks': shuffled}))], normalised=False
  )
  assert interval.value == pytest.approx(10)
  assert interval.has_zero


def test_a_model_does_not_differ_from_itself():
  one = score({'snarks': HALF})
  assert of_differences([(one, one)], normalised=True) == (0, 0, 0)


def test_other_questions_are_refused():
  one = score({'snarks': HALF})
  for other in (score({'snarks': HALF}, 'r'), score({'navigate': HALF})):
    with pytest.raises(UserError, match='different questions of bbh:snarks'):
      of_differences([(one, other)], normalised=False)


def by_f1(hits: int, errors: int, rest: int) -> SuiteScore:
  """MultiRC's score, of so many candidates."""
  suite = load('nlp')
  parts = [[True, False]] * hits + [[False, True]] * errors
  parts += [[False, False]] * rest
  made = score({'snarks': [not wrong for _, wrong in parts]})
  (one,) = made.tasks.values()
  task = suite.task('multirc')
  f1_parts = np.array(parts)
  one = dataclasses.replace(one, task=task, f1_parts=f1_parts)
  return SuiteScore(suite, 'direct', {task.name: one})


def test_the_interval_of_f1_is_that_of_its_parts():
  one = by_f1(40, 60, 100)
  interval = of_scores([one], normalised=False)
  assert interval.value == pytest.approx(one.mean) == pytest.approx(400 / 7)
  # Half the width of draws that are made one after another.
  rng = np.random.default_rng(1)
  parts = one.tasks['nlp:multirc'].f1_parts
  sums = [parts[rng.integers(200, size=200)].sum(0) for _ in range(2000)]
  low, high = np.percentile(
    [200 * h / (2 * h + e) for h, e in sums], [2.5, 97.5]
  )
  assert (interval.low, interval.high) == pytest.approx((low, high), abs=1)


def test_the_difference_of_f1_is_paired():
  one, other = by_f1(40, 60, 100), by_f1(50, 50, 100)
  same = of_differences([(one, one)], normalised=False)
  assert (same.value, same.low, same.high) == (0, 0, 0)
  gain = of_differences([(other, one)], normalised=False)
  assert gain.value == pytest.approx(other.mean - one.mean)
  assert gain.low > 0
  alone = of_scores([one], normalised=False)
  assert gain.high - gain.low < alone.high - alone.low
