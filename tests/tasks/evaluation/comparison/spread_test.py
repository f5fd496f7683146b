"""The spread of a score over prompts of the same questions."""

import json

import pytest
from support.evaluation.predictions import predictions, write

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.__main__ import main
from ul2_flan.tasks.evaluation.comparison.spread import spreads

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
