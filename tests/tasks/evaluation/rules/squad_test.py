"""SQuAD's scores are those of t5, which has the official script's rules."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation import scores
from ul2_flan.tasks.evaluation.report.judging import judge
from ul2_flan.tasks.evaluation.rules.squad import by_language, normalise
from ul2_flan.tasks.evaluation.suites import load

# t5's dependencies warn when they are imported.
pytestmark = pytest.mark.filterwarnings('ignore')

WORDS = ['a', 'The', 'an', 'cat,', 'CAT', 'dog', '12', 'kissa!', '猫。', 'x-y']
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(' '.join)


@given(st.lists(texts, min_size=1, max_size=3), texts)
def test_scores_are_those_of_t5(targets, prediction):
  ours = judge(load('tydiqa').variant('direct'), targets, [prediction])
  expected = scores._t5().squad([targets], [prediction])
  if normalise(prediction):  # nothing is no answer, where t5 may call it right
    assert 100 * ours.right == expected['em']
    assert 100 * ours.f1 == pytest.approx(expected['f1'])


@pytest.mark.parametrize(
  ('text', 'language', 'form'),
  [
    ('«The» cat', 'en', 'cat'),
    ('«The» cat', 'fi', 'the cat'),
    ('los gatos', 'es', 'gatos'),
    ('dem Haus', 'de', 'haus'),
    ('البيت، الكبير', 'ar', 'بيت كبير'),
    ('猫。', 'zh', '猫'),
  ],
)
def test_by_language(text, language, form):
  assert by_language(text, language) == form
