"""A kind of evaluation is two functions: to text, and to scores."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import scores, scoring

QUESTION = 'Was it? (A) yes (B) no Is it? (A) no (B) yes'

# t5's dependencies warn when they are imported.
pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.mark.parametrize('name', ['rouge_x', 'squad:yes|no'])
def test_an_unknown_kind_is_refused(name):
  with pytest.raises(UserError, match='unknown kind of evaluation'):
    scoring(name)


def test_texts_are_scored_as_they_are_where_nothing_is_to_be_found_in_them():
  assert scoring('bleu').postprocess_fn is None
  assert scoring('accuracy').postprocess_fn(' (A) or', example={}) == ' (A) or'


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


@pytest.mark.parametrize(
  ('kind', 'samples', 'answer'),
  [
    (
      'reasoning',
      ['Answer: 4', 'So it is. The answer is 5.', 'answer: 4.'],
      '4.',
    ),
    ('reasoning', ['The answer is 4', 'The answer is 5'], '5'),
    ('accuracy', ['no', 'Yes.', 'yes'], 'yes'),
    ('accuracy:no|yes', ['no', 'Yes.', 'yes'], 'yes'),
    ('squad', ['a cat', ''], 'a cat'),
    ('squad', ['', ''], ''),
  ],
)
def test_samples_vote_and_the_likeliest_wins_a_tie(kind, samples, answer):
  assert scoring(kind).postprocess_fn(samples, example={}) == answer


def test_a_suite_and_rank_classification_need_no_t5(monkeypatch):
  monkeypatch.setattr(scores, '_t5', lambda: pytest.fail('t5 was imported'))
  made = scoring('suite:bbh:snarks:direct')
  target = made.postprocess_fn('(A)', example={}, is_target=True)
  said = made.postprocess_fn('(A)', example={}, is_target=False)
  assert made.metric_fn([target], [said])['accuracy'] == 100
  ranked = scoring('rank')
  choices = [
    ranked.postprocess_fn(
      'x', example={'question': 0, 'choice': i, 'credit': i}
    )
    for i in range(2)
  ]
  assert ranked.metric_fn(choices, [-2.0, -1.0])['accuracy'] == 100
