"""Means over tasks say what they are of."""

import pytest

from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.suite_score import (
  SuiteScore,
  score_suites,
)
from ul2_flan.tasks.evaluation.suites import load


def scored(suite: str, shares: dict[str, tuple[int, int]]) -> SuiteScore:
  """Scores of tasks with so many right answers of so many."""
  variant, target = {'mgsm': ('cot', '1')}.get(suite, ('direct', '(A)'))
  (score,) = score_suites(
    Prediction(
      task=load(suite).task(key),
      variant=variant,
      id=str(i),
      targets=(target,),
      samples=(target if i < right else '(B) 2',),
    )
    for key, (right, n) in shares.items()
    for i in range(n)
  )
  return score


def test_means_are_over_tasks_and_over_answers():
  score = scored('bbh', {'navigate': (1, 2), 'word_sorting': (1, 8)})
  assert score.mean == pytest.approx((50 + 12.5) / 2)
  assert score.pooled == pytest.approx(20)
  assert score.normalised == pytest.approx((0 + 12.5) / 2)
  assert len(score.missing) == 25
  assert score.facts()['mean_of'] == 2
  assert 'family_mean' not in score.facts()


def test_sub_tasks_are_one_task_of_the_paper():
  score = scored(
    'bbh',
    {
      'logical_deduction_three_objects': (4, 4),
      'logical_deduction_five_objects': (2, 4),
      'navigate': (1, 4),
    },
  )
  assert score.families == {'logical_deduction': 75, 'navigate': 25}
  assert score.facts()['family_mean'] == 50
  assert score.categories['algorithmic'] == pytest.approx(175 / 3)


def test_english_stands_apart():
  score = scored('mgsm', {'en': (4, 4), 'bn': (1, 4)})
  assert score.mean == score.pooled == 25
  assert score.facts()['tasks']['mgsm:en']['accuracy'] == 100
  assert scored('mgsm', {'en': (4, 4)}).mean is None


def test_suites_and_variants_are_apart():
  predictions = [
    Prediction(
      task=load(suite).task(key),
      variant=variant,
      id='',
      targets=('(A)',),
      samples=('The answer is (A)',),
    )
    for suite, key, variant in [
      ('bbh', 'snarks', 'cot'),
      ('bbh', 'snarks', 'direct'),
      ('mmlu', 'anatomy', 'cot'),
    ]
  ]
  found = {(s.suite.name, s.variant): s.mean for s in score_suites(predictions)}
  assert found == {
    ('bbh', 'cot'): 100, ('bbh', 'direct'): 0, ('mmlu', 'cot'): 100,
  }  # fmt: skip
