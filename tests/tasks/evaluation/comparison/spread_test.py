"""The spread of a score over prompts of the same questions."""

import json

import pytest
from support.evaluation.predictions import predictions, write

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.__main__ import main
from ul2_flan.tasks.evaluation.comparison.spread import of_templates, spreads
from ul2_flan.tasks.evaluation.report.overview import Overview
from ul2_flan.tasks.evaluation.report.predictions import Prediction, Read
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.evaluation.rules.rank import Choice
from ul2_flan.tasks.evaluation.suites import load

BBH = [('bbh', 'direct')]


def test_means_and_changed_questions():
  # 6, 4 and 5 of 8 questions of each task are right; the first 4 always.
  (spread,) = spreads([[*predictions(n, 8, BBH)] for n in (6, 4, 5)])
  assert spread.means == (75, 50, 62.5)
  assert spread.deviation == pytest.approx(12.5)
  assert spread.questions == 27 * 8
  assert spread.changed == 25


def test_only_shared_questions_count():
  (spread,) = spreads([[*predictions(2, 8, BBH)], [*predictions(2, 4, BBH)]])
  assert spread.questions == 27 * 4
  assert spread.means == (50, 50)
  assert spread.changed == 0


def test_prompts_of_other_questions_are_refused():
  others = [*predictions(1, 1, [('mgsm', 'cot')])]
  with pytest.raises(UserError, match='no question is in all files'):
    spreads([[*predictions(1, 1, BBH)], others])


def test_the_command_tells_of_it(tmp_path, capsys):
  one, two = (
    write(tmp_path / f'{n}.jsonl', predictions(n, 8, BBH)) for n in (6, 4)
  )
  assert main(['scores', one, '--prompts', two]) == 0
  said = capsys.readouterr().out
  assert 'bbh direct, 2 prompts: mean 62.50, from 50.00 to 75.00' in said
  assert main(['scores', one, '--prompts', two, '--json']) == 0
  (facts,) = json.loads(capsys.readouterr().out)['prompts']
  assert facts['means'] == [75, 50]


def in_templates(rights: dict[str, list[int]]) -> list[Prediction]:
  """Answers to two choices of 4 questions of tasks, some right by template."""
  return [
    Prediction(
      task=load('flan_templates').task(key),
      variant=f'template_{template}',
      id=str(i),
      targets=(),
      samples=(),
      choices=tuple(
        (Choice(i, c, float(c == 0), 1, 1), float(c == (i >= right)))
        for c in (0, 1)
      ),
    )
    for key, of in rights.items()
    for template, right in enumerate(of)
    for i in range(4)
  ]


def test_the_templates_of_each_task_are_compared():
  said = in_templates({'rte': [4, 2, 3], 'bool_q': [2, 2]})
  bool_q, rte = of_templates(score_suites(said))
  assert (rte.means, rte.questions, rte.changed) == ((100, 50, 75), 4, 50)
  assert rte.deviation == 25
  # A template that its rows cannot fill leaves out no task.
  assert (bool_q.suite, bool_q.means) == ('flan_templates:bool_q', (50, 50))
  assert not of_templates(score_suites(in_templates({'rte': [1]})))
  assert not of_templates(score_suites(predictions(1, 2, BBH)))


def test_the_overview_tells_templates_beside_each_other():
  read = Read(in_templates({'rte': [4, 2, 3], 'bool_q': [2, 2]}), [])
  lines = [line.split() for line in Overview(read).lines()]
  row = 'flan_templates:rte 3 4 50.00 75.00 50.00 100.00 25.00 50.00'
  assert row.split() in lines
  assert ['mean', 'of', '2', '50.00', '62.50'] in [line[:5] for line in lines]
  assert not any('template_0' in line for line in lines)
  alone = [*Overview(Read(in_templates({'rte': [4]}), [])).lines()]
  assert 'flan_templates, template_0' in alone
