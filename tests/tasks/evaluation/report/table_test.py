"""A suite's scores as people read them."""

import dataclasses

from support.evaluation.predictions import predictions

from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.evaluation.report.table import beside_u_palm, of_suite
from ul2_flan.tasks.evaluation.rules.rank import Choice
from ul2_flan.tasks.evaluation.suites import load


def test_columns_are_those_that_the_suite_has():
  (score,) = score_suites(predictions(1, 4, [('tydiqa', 'direct')]))
  said = [*of_suite(score)]
  assert said[0] == 'tydiqa, direct'
  assert said[2].split() == [
    'task', 'n', 'accuracy', 'random', 'normalised', 'unparsed', 'endless',
    'truncated', 'f1'
  ]  # fmt: skip
  assert said[3].split() == [
    'tydiqa:ar', '4', '25.00', '0.00', '25.00', '0.0%', '0.0%', '0.0%',
    '25.00'
  ]  # fmt: skip
  assert any(line.startswith('tydiqa:en (apart)  4') for line in said)
  assert said[-2:] == [
    'mean of 8 tasks: 25.00, normalised 25.00; pooled 25.00',
    '  languages: 25.00',
  ]


def test_samples_have_columns_by_their_number():
  made = predictions(1, 1, [('mgsm', 'cot')])
  (score,) = score_suites(
    dataclasses.replace(one, samples=one.samples * 6) for one in made
  )
  said = [*of_suite(score)]
  assert said[2].split()[-6:] == ['of', '1', 'of', '5', 'of', '6']
  assert said[3].split()[-3:] == ['100.00'] * 3
  assert said[-1] == (
    'accuracy by the share of votes (prompts): 100% 100 (10); '
    '0.0 apart on average'
  )


def test_tasks_beside_those_of_u_palms_paper():
  made = [
    Prediction(
      task=load('bbes').task(f'unit_interpretation_lv{i}'),
      variant='direct', id='0', targets=(), samples=(),
      choices=((Choice(0, 0, float(i < 3), 1, 1), -1.0),),
    )
    for i in range(4)
  ]  # fmt: skip
  (score,) = score_suites(made)
  header, row, mean = [line.split() for line in beside_u_palm(score)][1:]
  assert header[-2:] == ['U-PaLM', '540B']
  # Sub-tasks are one row.
  assert row == ['unit_interpretation', '75.0', '47.0', '51.0']
  assert mean == ['mean', 'of', 'rows', '75.0', '47.0', '51.0']
  (other,) = score_suites(predictions(1, 4, [('bbh', 'direct')]))
  assert not [*beside_u_palm(other)]


def test_a_suite_without_a_task_of_its_mean():
  made = predictions(1, 1, [('mgsm', 'cot')])
  (score,) = score_suites(one for one in made if one.task.key == 'en')
  assert [*of_suite(score)][-1] == 'no task of the mean was scored'
