"""Shares of votes beside shares of right answers."""

import pytest
from support.evaluation.predictions import of_rows

from ul2_flan.tasks.evaluation.report.calibration import calibration
from ul2_flan.tasks.evaluation.report.task_score import score_task
from ul2_flan.tasks.evaluation.suites import load


def scored(*rows):
  return score_task(load('mgsm').variant('cot'), of_rows('mgsm', 'sw', rows))


def test_shares_of_votes_and_of_right_answers_by_fifths():
  found = calibration(
    [scored(('1', *'1112'), ('1', *'2221')), scored(('1', *'11'))]
  )
  assert found.bins == (
    {'share': 75, 'accuracy': 50, 'n': 2},
    {'share': 100, 'accuracy': 100, 'n': 1},
  )
  assert found.error == pytest.approx(50 / 3)


def test_single_samples_have_none():
  assert calibration([scored(('1', '1'))]) is None
