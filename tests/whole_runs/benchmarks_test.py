"""U-PaLM's benchmarks, from TFDS's directories to scores known before."""

from collections.abc import Callable
import itertools
import json
import math
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from support.evaluation import benchmarks
from support.outputs import records_of

from ul2_flan.pipelines import evaluation
from ul2_flan.tasks import records
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.suite_score import score_suites
from ul2_flan.tasks.evaluation.report.task_score import TaskScore

# How many choices the rows of `benchmarks.ROWS` have, and which are right.
CHOICES: dict[str, list[tuple[int, set[int]]]] = {
  key: [(n, {i}) for n, i in zip(sizes, right, strict=True)]
  for key, sizes, right in (
    ('boolq', [2] * 4, [0, 1, 1, 1]),
    ('cb', [3] * 4, [0, 1, 2, 0]),
    ('copa', [2] * 4, [0, 1, 0, 0]),
    ('rte', [2] * 4, [0, 1, 1, 1]),
    ('wic', [2] * 4, [1, 0, 0, 0]),
    ('wsc', [2] * 2, [1, 0]),
    ('multirc', [2] * 5, [1, 0, 0, 1, 0]),
    ('winograd', [2] * 3, [0, 1, 1]),
    ('winogrande', [2] * 4, [0, 1, 1, 1]),
    ('anli_r1', [3] * 4, [0, 1, 2, 0]),
    ('anli_r2', [3] * 4, [0, 1, 2, 1]),
    ('anli_r3', [3] * 4, [0, 1, 2, 2]),
    ('piqa', [2] * 4, [0, 0, 1, 0]),
    ('story_cloze', [2] * 3, [0, 1, 1]),
    ('hellaswag', [4] * 4, [0, 1, 2, 0]),
    ('arc_easy', [3, 4, 5, 3], [0, 1, 2, 0]),
    ('arc_challenge', [3, 4, 5, 3], [0, 1, 2, 0]),
    ('openbookqa', [4] * 4, [0, 3, 3, 1]),
    ('race_middle', [4] * 3, [0, 3, 1]),
    ('race_high', [4] * 3, [0, 3, 1]),
  )
}
CHOICES['record'] = [(3, {1}), (3, {0, 1}), (3, {2})]

ANSWERS = {
  'trivia_qa': [['Bo', 'Bob', 'B.'], ['Cy']],
  'natural_questions': [['Bo', 'Bob'], ['The Cy']],
  'web_questions': [['Bo', 'Bob'], ['Cy']],
  'lambada': [['isle'], ['Cy']],
  'squad_v2': [['Orl', 'the Orl'], ['unanswerable'], ['Po']],
}

Records = dict[str, list[dict[str, Any]]]
each_ranked = pytest.mark.parametrize('key', sorted(CHOICES))
each_written = pytest.mark.parametrize('key', sorted(ANSWERS))


@pytest.fixture(scope='module')
def output(tmp_path_factory, vocabulary_path: str) -> Path:
  folder = tmp_path_factory.mktemp('nlp')
  sources = {'nlp': [str(benchmarks.write(folder / 'tfds'))]}
  evaluation.run(
    evaluation.Config(
      sources=sources,
      vocabulary=vocabulary_path,
      allow_unwritable=True,
      targets_length=64,
    ),
    output=str(folder / 'out'),
  )
  return folder / 'out'


@pytest.fixture(scope='module')
def made(output: Path) -> Records:
  """The records of each benchmark."""
  found: Records = {}
  for key in benchmarks.ROWS:
    found[key] = [
      {
        name: v.decode() if isinstance(v, bytes) else int(v)
        for name, (v, *_) in records.decode_example(record).items()
        if name not in ('inputs', 'targets')
      }
      for record in records_of(output, f'eval:nlp:{key}:direct', 'test')
    ]
  return found


def scored(
  tmp_path: Path,
  of: list[dict[str, Any]],
  say: Callable[[dict[str, Any]], float | str],
  rank_by: Any = 'sum',
) -> TaskScore:
  """The score of a model that says so of each record."""
  name = 'score' if of[0]['credit'] else 'prediction'
  lines = [{**record, name: say(record)} for record in of]
  file = tmp_path / 'said.jsonl'
  file.write_text('\n'.join(map(json.dumps, lines)))
  (suite,) = score_suites(predictions.read([str(file)], rank_by=rank_by)[0])
  (score,) = suite.tasks.values()
  return score


def expected(key: str, choice: Callable[[int, int], int | None]) -> float:
  """The accuracy of a model that chooses so; None chooses by chance.

  `choice` gets a question's number, and how many choices it has.
  """
  return 100 * fmean(
    len(right) / n if at is None else float(at in right)
    for i, (n, right) in enumerate(CHOICES[key])
    for at in [choice(i, n)]
  )


def test_every_benchmark_has_rows():
  assert {*CHOICES, *ANSWERS} == {*benchmarks.ROWS} == {*benchmarks.NLP.tasks}
  assert {*CHOICES} == {k for k, t in benchmarks.NLP.tasks.items() if t.ranked}


@each_ranked
def test_a_constant_choice_scores_what_it_must(key, made, tmp_path):
  for constant in range(max(n for n, _ in CHOICES[key])):
    score = scored(
      tmp_path, made[key], lambda r, c=constant: float(r['choice'] == c)
    )
    # Where there is no such choice, all are as likely.
    wanted = expected(key, lambda _, n, c=constant: c if c < n else None)
    assert score.accuracy == pytest.approx(wanted)


@each_ranked
def test_equal_choices_score_what_guesses_do(key, made, tmp_path):
  score = scored(tmp_path, made[key], lambda r: -1.0)
  assert score.accuracy == pytest.approx(expected(key, lambda *_: None))
  assert score.ranks['ties'] == 100


@each_ranked
def test_a_random_predictor_scores_what_guesses_do(key, made, tmp_path):
  rng = np.random.default_rng(0)
  drawn = [
    scored(tmp_path, made[key], lambda r: float(rng.random())).accuracy
    for _ in range(30)
  ]
  error = 5 * (np.std(drawn) + 1) / 30**0.5
  assert fmean(drawn) == pytest.approx(
    expected(key, lambda *_: None), abs=error
  )


@each_ranked
def test_the_order_of_choices_does_not_matter(key, made, tmp_path):
  def say(record: dict[str, Any]) -> float:
    return float(len(record['targets_pretokenized']) % 7)

  there = scored(tmp_path, made[key], say)
  back = scored(tmp_path, made[key][::-1], say)
  assert there.score == pytest.approx(back.score)
  assert there.ranks == pytest.approx(back.ranks)


def test_multirc_counts_by_f1(made, tmp_path):
  """Of five candidates, two are right; means and intervals take F1."""
  of = made['multirc']
  for choice, wanted in ((1, 200 * 2 / (2 * 2 + 3)), (0, 0.0)):
    score = scored(tmp_path, of, lambda r, c=choice: float(r['choice'] == c))
    assert score.score == score.ranks['f1a'] == pytest.approx(wanted)
    assert score.accuracy == pytest.approx((60, 40)[choice])
  # All ways in which fair coins fall.
  total = 0.0
  for coins in itertools.product((0, 1), repeat=5):
    hits = sum(
      c for c, (_, r) in zip(coins, CHOICES['multirc'], strict=True) if 1 in r
    )
    wanted = 200 * hits / (sum(coins) + 2)
    score = scored(
      tmp_path, of, lambda r, c=coins: float(r['choice'] == c[r['question']])
    )
    assert score.score == pytest.approx(wanted)
    total += score.score
  mean = sum(
    math.comb(2, hits) * math.comb(3, false) * 200 * hits / (hits + false + 2)
    for hits in range(3)
    for false in range(4)
  )
  assert total == pytest.approx(mean)


@each_written
def test_a_constant_answer_scores_what_it_must(key, made, tmp_path):
  for constant in {text for of in ANSWERS[key] for text in of}:
    score = scored(tmp_path, made[key], lambda r, c=constant: f' {c}.\n\nQ: x')
    right = [
      any(constant.lower() == t.lower() for t in of) for of in ANSWERS[key]
    ]
    assert score.accuracy == pytest.approx(100 * fmean(right))
  nothing = scored(tmp_path, made[key], lambda r: '')
  assert nothing.accuracy == 0


@each_written
def test_a_random_answer_scores_what_it_must(key, made, tmp_path):
  pool = [of[0] for of in ANSWERS[key]]
  rng = np.random.default_rng(0)
  drawn = [
    scored(
      tmp_path, made[key], lambda r: pool[rng.integers(len(pool))]
    ).accuracy
    for _ in range(30)
  ]
  error = 5 * np.std(drawn) / 30**0.5
  assert fmean(drawn) == pytest.approx(100 / len(pool), abs=error)


@each_written
def test_every_alias_is_right(key, made, tmp_path):
  answers = dict(zip([r['id'] for r in made[key]], ANSWERS[key], strict=True))
  for n in range(3):

    def say(record: dict[str, Any], n: int = n) -> str:
      its = answers[record['id']]
      return its[n % len(its)]

    assert scored(tmp_path, made[key], say).accuracy == 100
  assert all(record['exemplars'] == 1 for record in made[key])
