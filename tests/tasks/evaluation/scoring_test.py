"""A kind of evaluation is two functions: to text, and to scores."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import scoring

QUESTION = 'Was it? (A) yes (B) no Is it? (A) no (B) yes'

# t5's dependencies warn when they are imported.
pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.mark.parametrize('name', ['rouge_x', 'squad:yes|no'])
def test_an_unknown_kind_is_refused(name):
  with pytest.raises(UserError, match='unknown kind of evaluation'):
    scoring(name)


def test_texts_are_scored_as_they_are_where_nothing_is_to_be_found_in_them():
  assert scoring('bleu').postprocess_fn is None
  assert scoring('accuracy').postprocess_fn is None


def test_only_the_answer_after_the_reasoning_is_scored():
  postprocess = scoring('reasoning').postprocess_fn
  assert postprocess('2 + 2 is 4. The answer is 4.', example={}) == '4.'


@pytest.mark.parametrize(
  ('example', 'text'),
  [
    ({'inputs_pretokenized': QUESTION.encode()}, 'yes'),
    ({'inputs_pretokenized': QUESTION}, 'yes'),
    ({'inputs': [len(QUESTION)]}, 'yes'),
    (None, '(B)'),
  ],
)
def test_a_mark_is_looked_up_in_the_question(example, text):
  """It may be there as text or as ids; without it the answer stays a mark."""
  made = scoring('accuracy:no|yes', decode=lambda ids: QUESTION[: ids[0]])
  assert made.postprocess_fn('(B)', example=example, is_target=True) == text


def test_no_decoder_is_needed_where_the_answer_is_in_words():
  made = scoring('f1:no|yes')
  assert made.postprocess_fn('Yes.', example={'inputs': [1]}) == 'yes'
  assert made.postprocess_fn('maybe', example={'inputs': [1]}) == 'maybe'


def test_a_target_of_no_label_is_left_out_and_such_a_prediction_is_wrong():
  metric = scoring('accuracy:no|yes').metric_fn
  assert metric(['yes', 'no'], ['yes', 'perhaps']) == {'accuracy': 50}
  assert metric(['yes', 'Is it?'], ['yes', 'x']) == {'accuracy': 100}
  assert metric(['Is it?'], ['x']) == {}
