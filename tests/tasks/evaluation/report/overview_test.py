"""All suites in one table, and two models beside each other."""

import pytest
from support.evaluation.predictions import predictions

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.average import PARTS
from ul2_flan.tasks.evaluation.report.free_form import Answer
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.evaluation.report.predictions import Read

BBH = [('bbh', 'direct')]


def made(right: int, questions: int, parts=PARTS) -> Read:
  return Read([*predictions(right, questions, parts)], [])


def test_all_parts_have_an_average_and_an_interval():
  facts = Overview(made(6, 8), made(5, 8)).facts()
  assert facts['suites'].keys() == {':'.join(part) for part in PARTS}
  average, interval = facts['normalised_average'], facts['interval']
  assert interval['value'] == pytest.approx(average)
  assert interval['low'] < average < interval['high']
  assert facts['suites']['mgsm:cot']['interval']['value'] == 75
  assert len(facts['published']) == 20
  assert facts['differences']['mgsm cot']['value'] == pytest.approx(12.5)
  assert facts['differences']['normalised average']['has_zero'] is False


def test_the_table_has_the_papers_rows_below_ours():
  said = [*Overview(made(6, 8, BBH)).lines()]
  at = next(i for i, line in enumerate(said) if line.startswith('these pred'))
  assert said[at].split() == ['these', 'predictions', *'---', '75.0', *'---']
  assert said[at + 20].split()[-7:] == [
    '59.1', '74.1', '69.8', '59.3', '64.9', '68.3', '60.4'
  ]  # fmt: skip
  missing = 'mmlu direct, mmlu cot, bbh cot, tydiqa direct, mgsm cot'
  assert f'no normalised average without {missing}' in said


def test_two_models_in_words():
  ours, theirs = made(7, 8, BBH), made(6, 8, BBH)
  said = [*Overview(ours, theirs).lines()][-1]
  assert said.startswith('bbh direct: 12.50, between ')
  assert said.endswith(': they differ')
  assert [*Overview(ours, ours).lines()][-1] == (
    'bbh direct: 0.00, between 0.00 and 0.00: these two do not differ'
  )


def test_models_without_a_suite_in_common():
  theirs = made(1, 1, [('mgsm', 'cot')])
  with pytest.raises(UserError, match='mgsm cot beside bbh direct'):
    Overview(made(1, 1, BBH), theirs)


def test_the_harness_is_said_to_judge_otherwise():
  read = made(1, 1, [('bbh', 'cot')])
  said = [*Overview(read).lines()]
  at = next(i for i, line in enumerate(said) if line.startswith('by lm-eval'))
  # The answers have no full stop, and its rule drops their brackets.
  assert said[at].endswith(
    'mean 0.00, pooled 0.00; 27 answers judged otherwise'
  )
  assert said[at + 1].endswith(': wrong: …So the answer is (A)')
  assert not said[at + 4]
  facts = Overview(read).facts()['suites']['bbh:cot']['lm_eval']
  assert len(facts['differs']) == 27


def test_answers_to_free_prompts_alone():
  overview = Overview(Read([], [Answer('Hi?', ''), Answer('Hi?', 'Hello.')]))
  assert [*overview.lines()] == [
    'answers to free prompts, 2: 50.0% empty, 0.0% repeat the prompt, '
    '0.0% do not end'
  ]
  assert overview.facts()['free_form']['n'] == 2


def test_prompts_without_answers():
  prompts = {('bbh:snarks', 'direct'): 9}
  overview = Overview(made(1, 1, BBH), prompts=prompts)
  line = 'bbh:snarks direct: 1 of 9 prompts were answered'
  assert line in [*overview.lines()]
  # The other 26 were answered, and the run has no prompts of theirs.
  assert len(overview.facts()['unanswered']) == 27
