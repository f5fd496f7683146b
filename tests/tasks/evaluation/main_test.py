"""The commands that score predictions."""

import json
from pathlib import Path
from typing import Any

import pytest

from ul2_flan.tasks.evaluation.__main__ import main


def write(path: Path, rows: list[dict[str, Any]]) -> str:
  path.write_text('\n'.join(map(json.dumps, rows)))
  return str(path)


@pytest.fixture
def snarks(tmp_path: Path) -> str:
  rows = [('(A)', '(A)'), ('(B)', '(A)'), ('(A)', ''), ('(B)', '(B)')]
  return write(
    tmp_path / 'snarks.jsonl',
    [{'task': 'snarks', 'target': t, 'prediction': p} for t, p in rows],
  )


SNARKS = ['--suite', 'bbh', '--variant', 'direct']


def test_score(snarks, capsys):
  assert main(['score', snarks, *SNARKS]) == 0
  out = capsys.readouterr().out
  assert 'bbh:snarks  4     50.00   50.00        0.00     25.0%' in out
  assert 'mean of 1 task: 50.00, normalised 0.00; pooled 50.00' in out
  assert 'missing from the mean: bbh:' in out


def test_score_as_json(snarks, capsys):
  assert main(['score', snarks, *SNARKS, '--json']) == 0
  facts = json.loads(capsys.readouterr().out)
  assert facts['tasks']['bbh:snarks']['n'] == 4
  assert (facts['mean'], facts['suite'], facts['variant']) == (
    50,
    'bbh',
    'direct',
  )


@pytest.mark.parametrize(
  ('rows', 'message'),
  [
    ([], 'has no predictions, and you asked for bbh direct'),
    (
      [{'prompt': 'Hi?', 'prediction': 'x'}],
      'has answers without a task and a reference: 1. ',
    ),
    (
      [{'task': 'mmlu:anatomy', 'target': 'A', 'prediction': 'A'}],
      'has predictions of mmlu direct, and you asked for bbh direct',
    ),
  ],
)
def test_score_of_something_else(tmp_path, rows, message, capsys):
  file = write(tmp_path / 'p.jsonl', rows)
  assert main(['score', file, *SNARKS]) == 2
  assert message in capsys.readouterr().err


def test_score_of_a_suite_that_is_not_there(snarks, capsys):
  assert main(['score', snarks, '--suite', 'bhb', '--variant', 'cot']) == 2
  assert "Did you mean 'bbh'" in capsys.readouterr().err


def test_another_way_to_rank_is_asked_for_by_name(snarks, capsys):
  assert main(['scores', snarks, *SNARKS, '--rank_by', 'tokens']) == 2
  assert "unknown value of --rank_by 'tokens'" in (
    said := capsys.readouterr().err
  )
  assert "Did you mean 'token'" in said


def test_scores_of_nothing(tmp_path, capsys):
  assert main(['scores', write(tmp_path / 'p.jsonl', [])]) == 2
  assert 'there are no predictions' in capsys.readouterr().err


def test_scores_beside_another_model(snarks, tmp_path, capsys):
  answers = [{'prompt': 'Hi?', 'prediction': 'hi?'}]
  free = write(tmp_path / 'free.jsonl', answers)
  command = ['scores', snarks, free, *SNARKS, '--compare', snarks]
  assert main(command) == 0
  said = capsys.readouterr().out.splitlines()
  assert said[-2].endswith('these two do not differ')
  assert said[-1].startswith('answers to free prompts, 1: 0.0% empty, 100.0% ')
  assert main([*command, '--json']) == 0
  facts = json.loads(capsys.readouterr().out)
  assert facts['suites']['bbh:direct']['tasks']['bbh:snarks']['n'] == 4
  assert facts['free_form']['repeats'] == 100


def test_scores_beside_the_run_that_made_the_prompts(snarks, tmp_path, capsys):
  command = ['scores', snarks, *SNARKS, '--manifest', str(tmp_path)]
  assert main(command) == 2
  assert 'cannot read the manifest' in capsys.readouterr().err
