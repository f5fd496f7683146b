"""Lines of choices, and predictors whose scores arithmetic tells."""

import json
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.reading import Question, find, material_of
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.suite_score import score_suites

ONE = {'task': 'bbes:snarks', 'variant': 'direct', 'id': 'test-0'}
CHOICES = [
  {'choice': 0, 'credit': 1, 'score': -2.5, 'tokens': 5, 'characters': 5},
  {'choice': 1, 'credit': 0, 'score': -2, 'tokens': 1, 'characters': 10},
]


def scored(tmp_path: Path, lines):
  file = tmp_path / 'p.jsonl'
  file.write_text('\n'.join(map(json.dumps, lines)))
  (score,) = score_suites(predictions.read([str(file)]).predictions)
  return score


def test_choices_in_lines_of_every_form(tmp_path):
  """Their own lines in any order, one for a question, and seqio's."""
  columns = {key: [choice[key] for choice in CHOICES] for key in CHOICES[0]}
  columns['scores'] = columns.pop('score')
  columns['credits'] = columns.pop('credit')
  of_seqio = [
    {
      'input': {**ONE, **choice, 'credit': str(choice['credit'])},
      'score': choice['score'],
      'target': [0, 0, 1.0, 1, 1],
    }
    for choice in CHOICES
  ]
  for lines in (
    [ONE | choice for choice in CHOICES],
    [ONE | choice for choice in reversed(CHOICES)],
    [ONE | columns],
    of_seqio,
  ):
    facts = scored(tmp_path, lines).facts()['tasks']['bbes:snarks']
    assert (facts['n'], facts['accuracy']) == (1, 0)
    assert facts['accuracy_per_token'] == 100
    assert facts['accuracy_per_character'] == 0
    assert (facts['ties'], facts['f1a']) == (0, 0)


@pytest.mark.parametrize(
  ('lines', 'message'),
  [
    ([ONE | {'prediction': '(A)'}], 'p.jsonl:1 has no ranked choice'),
    ([ONE | CHOICES[0] | {'score': None}], 'has no ranked choice'),
    ([ONE | CHOICES[0] | {'score': float('nan')}], 'has no ranked choice'),
    ([ONE | {'scores': [1, 2], 'credits': [1]}], 'has no ranked choice'),
    ([ONE | {'scores': [], 'credits': []}], 'has no ranked choice'),
    ([ONE | CHOICES[0]] * 2, 'p.jsonl:2: bbes:snarks has choice 0 .* twice'),
  ],
)
def test_what_is_no_ranking(tmp_path, lines, message):
  with pytest.raises(UserError, match=message):
    scored(tmp_path, lines)


@pytest.fixture(scope='module')
def big_bench(shared_data: Path) -> dict[str, tuple[Question, ...]]:
  """The questions of all tasks whose choices are ranked."""
  suite = suites.load('bbes')
  folder = shared_data / 'eval/bigbench'
  found = find(suite, map(str, folder.rglob('task.json')))
  return {
    of.key: material_of(
      suite.tasks[of.key], [(of, Path(of.path).read_bytes())]
    ).questions['test']
    for of in found
    if suite.tasks[of.key].ranked
  }


def test_predictors_of_a_constant_and_of_chance(big_bench, tmp_path):
  """Baselines are of all questions, and shared data have some of these."""
  assert len(big_bench) == 23
  rng = np.random.default_rng(0)

  def of(say):
    lines = [
      {
        **{'task': f'bbes:{key}', 'variant': 'direct', 'id': question.id},
        'scores': say(len(question.options)),
        'credits': question.credits,
      }
      for key, questions in big_bench.items()
      for question in questions
    ]
    return scored(tmp_path, lines)

  first = of(lambda n: [float(-i) for i in range(n)])
  same = of(lambda n: [-1.0] * n)
  chance = of(lambda n: rng.random(n).tolist())
  for key, questions in big_bench.items():
    name = f'bbes:{key}'
    credits = [question.credits for question in questions]
    assert first.tasks[name].accuracy == pytest.approx(
      100 * fmean(one[0] for one in credits)
    )
    # A tie of all choices is what chance expects.
    expected = 100 * fmean(fmean(one) for one in credits)
    assert same.tasks[name].accuracy == pytest.approx(expected)
    assert same.tasks[name].ranks['ties'] == 100
    assert same.tasks[name].task.random == pytest.approx(expected, abs=15)
    error = (
      100 * (expected / 100 * (1 - expected / 100) / len(questions)) ** 0.5
    )
    assert abs(chance.tasks[name].accuracy - expected) < 4 * error
  assert same.facts()['family_mean_of'] == 20


def test_predictors_of_the_task_whose_answers_are_written(
  shared_data: Path, tmp_path
):
  suite = suites.load('bbes')
  task = suite.tasks['physics_questions']
  path = shared_data / 'eval/bigbench/physics_questions/task.json'
  (found,) = find(suite, [str(path)])
  made = material_of(task, [(found, path.read_bytes())])
  answers = [question.answers for question in made.questions['test']]

  def score(said: str) -> float:
    lines = [
      {'task': task.name, 'variant': 'direct', 'targets': of}
      | {'prediction': said}
      for of in answers
    ]
    return scored(tmp_path, lines).tasks[task.name].accuracy

  # Of what a model says the first number with its unit is taken, as the task's
  # own expression does: 'kg*m/s' is none, so nobody gets such a question right.
  said = '5.4 m'
  right = [said in of for of in answers]
  assert 0 < fmean(right) < 0.1
  expected = pytest.approx(100 * fmean(right))
  assert score(said) == score(f'It is {said}.') == expected
  # The first example is empty, and nothing else is right by chance.
  assert score('It is hard to say.') == score('') <= 100 / len(answers)
