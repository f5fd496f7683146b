"""The score of one task."""

import dataclasses

import pytest
from support.evaluation.predictions import of_rows as predictions

from ul2_flan.tasks.evaluation.report.task_score import normalised, score_task
from ul2_flan.tasks.evaluation.suites import load


def test_shares_are_in_percent():
  rows = [('(A)', '(A)'), ('(B)', '(A)'), ('(A)', ''), ('(B)', '(B)')]
  score = score_task(
    load('bbh').variant('direct'), predictions('bbh', 'snarks', rows)
  )
  facts = score.facts()
  assert (facts['n'], facts['accuracy'], facts['normalised']) == (4, 50, 0)
  assert (facts['unparsed'], facts['fallback']) == (25, 0)
  assert 'f1' not in facts
  assert 'self_consistency' not in facts


def test_an_overlap_is_a_score_of_its_own():
  rows = [('red cat', 'cat'), ('dog', 'dog')]
  score = score_task(
    load('tydiqa').variant('direct'), predictions('tydiqa', 'fi', rows)
  )
  assert score.facts()['exact_match'] == score.accuracy == 50
  assert score.f1 == pytest.approx(100 * (2 / 3 + 1) / 2)


def test_another_rule_knows_the_language():
  rows = [('البيت', 'بيت'), ('«كلب»', 'كلب'), ('كلب', 'بيت')]
  score = score_task(
    load('tydiqa').variant('direct'), predictions('tydiqa', 'ar', rows)
  )
  assert score.accuracy == 0
  assert score.facts()['accuracy_by_language'] == pytest.approx(200 / 3)


def test_fewer_samples_have_scores_too():
  rows = [('1', *'1' * 4, *'2' * 3), ('1', *'2' * 4, *'1' * 3)]
  score = score_task(
    load('mgsm').variant('cot'), predictions('mgsm', 'sw', rows)
  )
  assert [*score.by_samples] == [1, 5, 7]
  assert score.by_samples[1] == pytest.approx(50)
  assert score.by_samples[7] == score.accuracy == 50
  assert score.facts()['self_consistency']['7'] == 50


def test_samples_that_were_stopped_and_shares_of_votes():
  made = predictions('mgsm', 'sw', [('1', *'1112'), ('1', *'2223')])
  made[0] = dataclasses.replace(made[0], cut=2)
  facts = score_task(load('mgsm').variant('cot'), made).facts()
  assert (facts['truncated'], facts['vote_share']) == (25, 75)


@pytest.mark.parametrize(
  ('raw', 'random', 'value'),
  [(55, 50, 10), (45, 50, -10), (100, 25, 100), (3, 0, 3)],
)
def test_normalised(raw, random, value):
  assert normalised(raw, random) == value
