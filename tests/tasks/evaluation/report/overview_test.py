"""All suites in one table, and two models beside each other."""

import pytest
from support.evaluation.predictions import predictions

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report import overview
from ul2_flan.tasks.evaluation.report.suite_score import score_suites

BBH = [('bbh', 'direct')]


def test_all_parts_have_an_average_and_an_interval():
  facts = overview.facts(score_suites(predictions(6, 8)), [])
  assert facts['suites'].keys() == {
    'mmlu:direct', 'mmlu:cot', 'bbh:direct', 'bbh:cot', 'tydiqa:direct',
    'mgsm:cot',
  }  # fmt: skip
  average, interval = facts['normalised_average'], facts['interval']
  assert interval['value'] == pytest.approx(average)
  assert interval['low'] < average < interval['high']
  assert facts['suites']['mgsm:cot']['interval']['value'] == 75
  assert len(facts['published']) == 20


def test_the_table_has_the_papers_rows_below_ours():
  said = [*overview.lines(score_suites(predictions(6, 8, BBH)), [])]
  at = next(i for i, line in enumerate(said) if line.startswith('these pred'))
  assert said[at].split() == [
    'these',
    'predictions',
    *'--',
    '-',
    '75.0',
    *'---',
  ]
  assert said[at + 20].split()[-7:] == [
    '59.1', '74.1', '69.8', '59.3', '64.9', '68.3', '60.4'
  ]  # fmt: skip
  missing = 'mmlu direct, mmlu cot, bbh cot, tydiqa direct, mgsm cot'
  assert f'no normalised average without {missing}' in said


def test_two_models():
  scores = [score_suites(predictions(n, 8)) for n in (7, 6)]
  compared = overview.pairs(*scores)
  differences = overview.facts(scores[0], compared)['differences']
  assert differences['mgsm cot']['value'] == pytest.approx(12.5)
  assert differences['normalised average']['has_zero'] is False


def test_two_models_in_words():
  ours, theirs = (score_suites(predictions(n, 8, BBH)) for n in (7, 6))
  said = [*overview.lines(ours, overview.pairs(ours, theirs))]
  assert said[-1].startswith('bbh direct: 12.50, between ')
  assert said[-1].endswith(': they differ')
  said = [*overview.lines(ours, overview.pairs(ours, ours))]
  assert said[-1] == (
    'bbh direct: 0.00, between 0.00 and 0.00: these two do not differ'
  )


def test_models_without_a_suite_in_common():
  ours = score_suites(predictions(1, 1, BBH))
  theirs = score_suites(predictions(1, 1, [('mgsm', 'cot')]))
  with pytest.raises(
    UserError, match=r'in common .*: mgsm cot beside bbh direct'
  ):
    overview.pairs(ours, theirs)
