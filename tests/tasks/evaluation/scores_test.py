"""What the scores see, and what they do not."""

import sys

import gin
import numpy as np
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import scores

# t5's dependencies warn when they are imported.
pytestmark = pytest.mark.filterwarnings('ignore')

TARGETS = ['One fine day, the cat sat on the mat.', 'Two dogs ran to the sea.']


@pytest.mark.parametrize(
  ('text', 'other'),
  [
    ('Kissa istui katolla yöllä', 'Koira juoksi metsään aamulla'),
    ('猫坐在屋顶上', '狗跑进森林里'),
    ('बिल्ली छत पर बैठी', 'कुत्ता जंगल भागा'),
    ('แมวนั่งบนหลังคา', 'ฟฟฟฟ'),
  ],
)
def test_rouge_of_any_script(text, other):
  assert scores.rouge_l_unicode([text], [text])['rougeL'] == pytest.approx(100)
  assert scores.rouge_l_unicode([text], [other])['rougeL'] < 35
  part = text[: -len(text) // 4]
  assert 35 < scores.rouge_l_unicode([text], [part])['rougeL'] < 95


def test_rewriting_sees_case_and_punctuation_that_rouge_does_not():
  for form in (str.lower, lambda text: text.replace(',', '')):
    changed = [form(t) for t in TARGETS]
    assert scores.rouge(TARGETS, changed)['rougeLsum'] == pytest.approx(100)
    found = scores.rewriting(TARGETS, changed)
    assert found['exact_match'] < 100
    assert found['bleu'] < 100


def test_rouge_is_the_same_in_every_call_and_leaves_numpy_alone():
  predictions = [TARGETS[0][:20], TARGETS[1][5:]]
  np.random.seed(3)
  first = scores.rouge(TARGETS, predictions)
  drawn = np.random.random()
  np.random.seed(3)
  assert drawn == np.random.random()
  assert scores.rouge(TARGETS, predictions) == first


def test_scores_that_are_not_defined_are_zero():
  same = scores.correlation(['1', '2'], ['3', '3'])
  assert same == {'pearson_corrcoef': 0, 'spearman_corrcoef': 0}
  assert scores.label_f1([0, 0], [0, 0]) == {'accuracy': 100, 'f1': 0}


def test_nothing_to_score():
  assert scores.label_accuracy([], []) == {}
  assert scores.label_f1([], []) == {}
  assert scores.label_matthews([], []) == {}


def test_t5_may_be_imported_after_gin_is_locked(monkeypatch, tmp_path):
  package = tmp_path / 't5' / 'evaluation'
  package.mkdir(parents=True)
  metrics = 'import gin\n\n\n@gin.configurable\ndef a_metric():\n  pass\n'
  (package / 'metrics.py').write_text(metrics)
  for folder in (package, package.parent):
    (folder / '__init__.py').touch()
  for name in [name for name in sys.modules if name.split('.')[0] == 't5']:
    monkeypatch.delitem(sys.modules, name)
  monkeypatch.syspath_prepend(tmp_path)
  scores._t5.cache_clear()
  gin.finalize()  # as T5X does before it begins
  try:
    assert scores._t5().a_metric() is None
    assert gin.config_is_locked()
  finally:
    gin.clear_config()
    scores._t5.cache_clear()


def test_t5_is_named_where_it_is_missing(monkeypatch):
  monkeypatch.setitem(sys.modules, 't5.evaluation', None)
  scores._t5.cache_clear()
  with pytest.raises(UserError, match='pip install --no-deps t5'):
    scores.squad(['a'], ['a'])
  scores._t5.cache_clear()
