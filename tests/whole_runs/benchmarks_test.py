"""U-PaLM's benchmarks, from TFDS's directories to scores known before."""

from collections import Counter
from collections.abc import Callable
import itertools
import json
import math
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from support.evaluation import benchmarks, shared_benchmarks
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import evaluation
from ul2_flan.pipelines.contamination.items import items_of
from ul2_flan.tasks import records
from ul2_flan.tasks.evaluation import __main__ as scores
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.average import published_tasks
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
  return run(benchmarks.write(folder / 'tfds'), folder / 'out', vocabulary_path)


def run(source: Path, output: Path, vocabulary: str) -> Path:
  evaluation.run(
    evaluation.Config(
      sources={'nlp': [str(source)]},
      vocabulary=vocabulary,
      allow_unwritable=True,
      targets_length=256,
    ),
    output=str(output),
  )
  return output


@pytest.fixture(scope='module')
def made(output: Path) -> Records:
  """The records of each benchmark."""
  return {key: records_as_told(output, key) for key in benchmarks.ROWS}


def records_as_told(output: Path, key: str) -> list[dict[str, Any]]:
  """All of a benchmark's records but their ids of tokens."""
  return [
    {
      name: v.decode() if isinstance(v, bytes) else int(v)
      for name, (v, *_) in records.decode_example(record).items()
      if name not in ('inputs', 'targets')
    }
    for record in records_of(output, f'eval:nlp:{key}:direct', 'test')
  ]


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
    for _ in range(16)
  ]
  error = 5 * (np.std(drawn) + 1) / 16**0.5
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
    for _ in range(16)
  ]
  error = 5 * np.std(drawn) / 16**0.5
  assert fmean(drawn) == pytest.approx(100 / len(pool), abs=error)


def test_contamination_looks_for_what_is_asked(output: Path):
  """It finds all questions, without the words that prompts have around them."""
  items = [*items_of(manifest_of(output))]
  of = Counter(item.task.partition(':')[2] for item in items)
  assert of == {
    **{key: len(rows) for key, rows in CHOICES.items()},
    **{key: len(rows) for key, rows in ANSWERS.items()},
  }
  texts = [text for item in items for text in item.texts]
  assert 'The river Orl is long.' in texts
  assert not any('answer:' in text or 'Q:' in text for text in texts)


@each_written
def test_every_alias_is_right(key, made, tmp_path):
  answers = dict(zip([r['id'] for r in made[key]], ANSWERS[key], strict=True))
  for n in range(3):

    def say(record: dict[str, Any], n: int = n) -> str:
      its = answers[record['id']]
      return its[n % len(its)]

    assert scored(tmp_path, made[key], say).accuracy == 100
  assert all(record['exemplars'] == 1 for record in made[key])


@pytest.fixture(scope='module')
def real(shared_data: Path, vocabulary_path, tmp_path_factory) -> Path:
  """A run over real rows of fifteen benchmarks, and what a tiny model says.

  The model knows how often words are in the prompts. It ranks choices by that,
  and answers with the most frequent word of the question.
  """
  folder = tmp_path_factory.mktemp('real')
  source = shared_benchmarks.write(shared_data, folder / 'data')
  output = run(source, folder / 'out', vocabulary_path)
  of = {key: records_as_told(output, key) for key in shared_benchmarks.KEYS}
  words = Counter(
    word
    for some in of.values()
    for record in some
    for word in record['inputs_pretokenized'].split()
  )

  def say(record: dict[str, Any]) -> dict[str, float | str]:
    if not record['credit']:
      asked = record['inputs_pretokenized'].split()
      return {'prediction': max(asked, key=lambda word: words[word])}
    text = record['inputs_pretokenized'] + ' ' + record['targets_pretokenized']
    return {'score': sum(math.log((1 + words[w]) / 1e5) for w in text.split())}

  lines = [{**one, **say(one)} for some in of.values() for one in some]
  (folder / 'said.jsonl').write_text('\n'.join(map(json.dumps, lines)))
  return folder


def test_real_rows_of_fifteen_benchmarks_are_scored(real: Path, capsys):
  said = str(real / 'said.jsonl')
  argv = ['scores', said, '--manifest', str(real / 'out')]
  assert scores.main([*argv, '--json']) == 0
  facts = json.loads(capsys.readouterr().out)
  assert facts['unanswered'] == []
  suite = facts['suites']['nlp:direct']
  assert {*suite['tasks']} == {f'nlp:{key}' for key in shared_benchmarks.KEYS}
  assert len(suite['missing']) == 11
  for name, task in suite['tasks'].items():
    key = name.partition(':')[2]
    # Of TriviaQA there are two.
    assert task['n'] >= 2
    assert 0 <= task['accuracy'] <= 100
    assert ('ties' in task) == benchmarks.NLP.task(key).ranked
    assert suite['trained_on_by_flan'][key] > 0
  assert (
    suite['tasks']['nlp:multirc']['score']
    == (suite['tasks']['nlp:multirc']['f1a'])
  )
  assert suite['mean'] == pytest.approx(
    fmean(t.get('score', t['accuracy']) for t in suite['tasks'].values())
  )
  assert suite['interval']['low'] < suite['mean'] < suite['interval']['high']


@pytest.mark.parametrize(
  ('by', 'told'),
  [
    ('sum', 'sum of log-likelihoods'),
    ('token', 'log-likelihood per token'),
    ('character', 'log-likelihood per character'),
  ],
)
def test_the_table_tells_what_choices_are_ranked_by(real, capsys, by, told):
  said = str(real / 'said.jsonl')
  assert scores.main(['scores', said, '--rank_by', by]) == 0
  text = capsys.readouterr().out
  assert f'choices are ranked by the {told}\n' in text
  assert 'in means F1 counts, and not accuracy, of multirc\n' in text
  (mean,) = (line for line in text.split('\n') if 'mean of rows' in line)
  # PaLM's and U-PaLM's, of the fifteen rows that are there.
  rows = [published_tasks('nlp')[key] for key in shared_benchmarks.KEYS]
  wanted = [f'{fmean(column):.1f}' for column in zip(*rows, strict=True)]
  assert mean.split()[-2:] == wanted
  row = next(line for line in text.split('\n') if line.startswith('piqa '))
  assert row.endswith('by 3 of its tasks')


def test_two_models_and_several_sizes(real: Path, tmp_path: Path, capsys):
  said = str(real / 'said.jsonl')
  argv = ['scores', said, '--compare', said, '--sizes', f'1e20={said}']
  argv += [f'1e21={said}', '--plot', str(tmp_path / 'x.svg')]
  assert scores.main(argv) == 0
  text = capsys.readouterr().out
  assert 'nlp direct: 0.00, between 0.00 and 0.00: these two do not' in text
  assert 'nlp direct, the same 15 tasks' in text
  assert 'nlp direct, 15 tasks' in (tmp_path / 'x.svg').read_text()
