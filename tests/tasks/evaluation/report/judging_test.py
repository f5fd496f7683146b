"""One prompt: its samples, their answers, and the majority's."""

import pytest

from ul2_flan.tasks.evaluation.report.judging import judge
from ul2_flan.tasks.evaluation.suites import load


@pytest.mark.parametrize(
  ('suite', 'variant', 'language', 'target', 'text', 'right'),
  [
    ('bbh', 'cot', 'en', '] ]', 'Now. So the answer is ] ].', True),
    ('bbh', 'cot', 'en', '(A)', 'So the answer is (A) or (B).', False),
    ('bbh', 'direct', 'en', '(A)', '(A) or (B)', False),
    ('bbh', 'direct', 'en', 'Yes', 'yes', False),
    ('mmlu', 'direct', 'en', '(B)', 'B.', True),
    ('mmlu', 'direct', 'en', 'B', '(A) or (B)', False),
    ('mmlu', 'cot', 'en', '(B)', 'Well. The answer is (B).', True),
    ('mmlu', 'cot', 'en', '(B)', 'It must be (B)', False),  # not announced
    ('mgsm', 'cot', 'de', '114,200', 'Das sind 114.200 Euro', True),
    ('mgsm', 'cot', 'bn', '5', 'উত্তর হল ৫।', True),
    ('tydiqa', 'direct', 'fi', 'Kuopio', ' kuopio.', True),
  ],
)
def test_a_single_sample(suite, variant, language, target, text, right):
  how = load(suite).variant(variant)
  assert judge(how, [target], [text], language).right is right


@pytest.mark.parametrize(
  ('suite', 'variant', 'target', 'text'),
  [
    ('bbh', 'direct', 'Yes', 'Yes\n\nQ: And now?\nA: No'),
    (
      'bbh',
      'cot',
      'Yes',
      'The answer is Yes.\n\nQ: Now?\nA: The answer is No.',
    ),
    (
      'mmlu',
      'cot',
      'A',
      'The answer is (A).\n\nQ: Now?\nA: The answer is (B).',
    ),
    ('mgsm', 'cot', '5', 'Das macht 5\n\nFrage: Wie viele sind 7?'),
    ('tydiqa', 'direct', 'cat', 'cat\n\nPassage: A dog.'),
  ],
)
def test_questions_that_a_model_asks_itself_are_no_answers(
  suite, variant, target, text
):
  how = load(suite).variant(variant)
  assert judge(how, [target], [text], 'de').right
  for stop in how.stops:
    assert judge(how, [target], [text[: text.find('\n')] + stop], 'de').right


def test_the_best_of_all_references_counts():
  how = load('tydiqa').variant('direct')
  judged = judge(how, ['big red cat', 'the dog'], ['Dog'])
  assert (judged.right, judged.f1) == (True, 1.0)
  judged = judge(how, ['big red cat', 'a dog'], ['red cat'])
  assert (judged.right, judged.f1) == (False, pytest.approx(0.8))


def test_the_majority_answers_and_ties_go_to_the_first():
  how = load('mgsm').variant('cot')
  judged = judge(how, ['4'], ['is 5', 'is 4.0', 'so 4', 'none'])
  assert (judged.right, judged.answer) == (True, '4')
  assert judged.votes == ('5', '4', '4', '')
  assert judged.rights == (False, True, True, False)
  assert judged.hows == ('fallback', 'fallback', 'fallback', 'none')
  assert judged.share == 0.5
  assert not judge(how, ['4'], ['5', '4']).right
  assert judge(how, ['4'], ['5', '4'], 'en', [-9, -8]).right
  assert not judge(how, ['4'], ['none']).right


@pytest.mark.parametrize('suite', ['bbh', 'mmlu', 'mgsm', 'tydiqa'])
def test_no_answer_is_never_right(suite):
  for how in load(suite).variants.values():
    for target in ('', '.', '(A)', '猫'):
      for text in ('', ' ', '⁇', ' ⁇ '):
        assert not judge(how, [target], [text], 'zh').right
