"""lm-evaluation-harness's rules, with what is known of their faults.

They were compared once with its own filter on Codex's 6,511 answers.
"""

from pathlib import Path

import pytest

from ul2_flan.tasks.evaluation.reading.parse import mgsm_exemplars
from ul2_flan.tasks.evaluation.report import predictions
from ul2_flan.tasks.evaluation.report.harness import score_as_harness
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.suites import load


def score(suite, variant, rows, key=None):
  task = load(suite).task(key or next(iter(load(suite).tasks)))
  (found,) = score_as_harness(
    Prediction(
      task=task, variant=variant, id=str(i), targets=(target,), samples=(said,)
    )
    for i, (target, said) in enumerate(rows)
  ).values()
  return found


@pytest.mark.parametrize(
  ('suite', 'variant', 'target', 'said', 'right', 'ours'),
  [
    ('bbh', 'cot', '(A)', 'So the answer is (A).', True, True),
    ('bbh', 'cot', '(A)', 'So the answer is (A)', False, True),
    ('bbh', 'cot', '(A)', 'The answer is (A).', False, True),
    ('bbh', 'direct', '(A)', '(A)', True, True),
    ('bbh', 'direct', '(A)', ' (A)', False, True),
    ('mmlu', 'cot', '(A)', 'The answer is (a)', True, True),
    ('mmlu', 'cot', 'A', 'The answer is A', False, True),
    ('mmlu', 'direct', 'A', '(A)', True, True),
    ('mmlu', 'direct', '(A)', 'A', False, True),
  ],
)
def test_rules(suite, variant, target, said, right, ours):
  found = score(suite, variant, [(target, said)])
  assert (found.mean, found.pooled) == (100 * right, 100 * right)
  assert [one.ours for one in found.differs] == [ours] * (right != ours)


def test_codex(shared_data: Path):
  file = shared_data / 'eval/bbh_codex/cot.jsonl.gz'
  read, _ = predictions.read([str(file)], 'bbh', 'cot')
  found = score_as_harness(read)['bbh', 'cot']
  assert found.mean == pytest.approx(73.67, abs=0.005)
  assert found.tasks['bbh:dyck_languages'] == pytest.approx(55.6)
  assert len(found.differs) == 3


def test_exemplars_of_mgsm(shared_data: Path):
  """It finds none of the Bengali answers, and not all of two languages."""
  path = shared_data / 'eval/mgsm/exemplars.py.txt'
  exemplars = mgsm_exemplars(path.read_text(), path.name)
  right = ['11', '29', '39', '9', '33', '8', '8', '5']
  found = {
    key: score('mgsm', 'cot', zip(right, [a for _, a in of], strict=True), key)
    for key, of in exemplars.items()
    if key != 'en'
  }
  missed = {key: len(one.differs) for key, one in found.items() if one.differs}
  assert missed == {'bn': 8, 'de': 1, 'ja': 3}


def test_what_it_scores_otherwise_is_left_out():
  task = load('tydiqa').task('fi')
  one = Prediction(
    task=task, variant='direct', id='', targets=('a',), samples=('a',)
  )
  assert score_as_harness([one]) == {}
