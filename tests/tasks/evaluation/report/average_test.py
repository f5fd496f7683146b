"""The normalised average, ours and the paper's."""

from statistics import fmean

import pytest
from support.evaluation.predictions import predictions

from ul2_flan.tasks.evaluation.report.average import (
  PARTS,
  by_part,
  normalised_average,
  published,
  published_tasks,
)
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.evaluation.suites import load


def test_the_papers_rows_follow_from_their_parts():
  off = [abs(row.normalised - round(row.from_parts, 1)) for row in published()]
  assert len(off) == 20
  assert max(off) < 1.05
  assert sum(x < 0.55 for x in off) == 14


def test_the_rows_of_u_palms_tasks():
  rows = published_tasks('bbes')
  means = [fmean(column) for column in zip(*rows.values(), strict=True)]
  assert means == pytest.approx([64.16, 67.71], abs=0.005)
  assert {*rows} == {task.family for task in load('bbes').tasks.values()}


def test_all_right_is_100_and_nothing_right_is_below_0():
  right = by_part(score_suites(predictions(1, 1)))
  assert normalised_average(right) == pytest.approx(100)
  wrong = by_part(score_suites(predictions(0, 1)))
  # MMLU has -33.3 twice, and BBH the mean of -random / (100 - random).
  randoms = [task.random for task in load('bbh').tasks.values()]
  bbh = sum(-100 * r / (100 - r) for r in randoms) / 27
  assert normalised_average(wrong) == pytest.approx((-200 / 3 + 2 * bbh) / 6)


def test_there_is_no_average_of_five_parts():
  scores = score_suites(predictions(1, 1, PARTS[1:]))
  assert normalised_average(by_part(scores)) is None
