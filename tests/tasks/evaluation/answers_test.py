"""Answers are recognised in every form that rendering gives them."""

import hypothesis
from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import labels_in_style, options_in_style

from ul2_flan.tasks.evaluation import answers
from ul2_flan.tasks.rendering.styles.option_styles import ORDERS, styles
from ul2_flan.tasks.rendering.templates.family import load_family

LABELS = ('yes', 'it is not possible to tell', 'no')

# Longer than a mark, so that no text is taken for one.
words = st.text('abcdefghijklmnopqrstuvwxyz', min_size=7, max_size=12)
texts = st.lists(words, min_size=1, max_size=3).map(' '.join)
options = st.lists(texts, min_size=2, max_size=20, unique=True)
noise = st.sampled_from(
  [str, str.upper, lambda t: f'  {t}\n', lambda t: t.replace(' ', '  ')]
)


@pytest.mark.parametrize(
  ('item', 'style'),
  list(enumerate(styles().items)),
  ids=lambda s: s if isinstance(s, int) else f'{s.item} -> {s.answer}',
)
@hypothesis.settings(max_examples=25)  # for each of seventy styles
@given(options, st.data(), noise)
def test_an_option_is_itself_and_no_other(item, style, options, data, noise):
  _, forms = options_in_style(options, 0, item, 0)
  one, other = data.draw(
    st.permutations(range(len(forms))).map(lambda order: order[:2])
  )
  assert answers.same_answer(forms[one], noise(forms[one]))
  assert not answers.same_answer(forms[one], noise(forms[other]))
  # A model may repeat the option in full.
  assert answers.same_answer(
    forms[one], style.before[one].lstrip('-*+•># ') + options[one]
  )


@given(st.text(), st.text())
def test_every_text_is_its_own_answer(one, other):
  assert answers.same_answer(one, one)
  same = answers.same_answer(one, other)
  assert same == answers.same_answer(other, one)
  assert answers.normalise(answers.normalise(one)) == answers.normalise(one)


@pytest.mark.parametrize(
  ('target', 'prediction', 'same'),
  [
    ('5', '5.', True),
    ('5', '-5', False),
    ('-5', '−5', False),  # a minus sign is no hyphen: T5 writes neither so
    ('-5', '(-5)', True),
    ('1500', '1,500', True),
    ('1.5', '15', False),
    ('(B)', 'b', True),
    ('(B)', 'B. the second', True),
    ('(B)', '(A) B', False),
    ('(A)', '(A) or (B)', False),
    ('(A)', '(A) and b)', False),
    ('(A)', '(A) or not', True),
    ('] ]', '] ].', True),
    ('] ]', '] ] ]', False),
    ('iv)', 'IV', True),
    ('yes', '“Yes”', True),
    ('yes', 'yes and no', False),
    ('U. S. troops', 'U. S. ships', False),
    ('', 'a', False),
    ('a', '', False),
  ],
)
def test_examples(target, prediction, same):
  assert answers.same_answer(target, prediction) == same


@pytest.mark.parametrize('item', range(len(styles().items)))
@pytest.mark.parametrize('join', ['\n', ' '])
def test_a_label_is_found_by_its_mark_in_the_question(item, join):
  for order in range(0, ORDERS, 7):
    shown, forms = labels_in_style(LABELS, item, order)
    before, others = labels_in_style(LABELS, item, order + 1)
    question = f'{before} {others[0]} And this? {shown}'.replace('\n', join)
    for label, form in zip(LABELS, forms, strict=True):
      assert answers.label_of(form, LABELS, question) == label
      assert answers.label_of(f'{label.title()}.', LABELS, '') == label


def test_an_answer_that_means_no_label():
  question = 'Hot? (A) yes (B) no'
  assert answers.label_of('(C)', ['no', 'yes'], question) is None
  assert answers.label_of('cold', ['no', 'yes'], question) is None
  assert answers.label_of('(A)', ['no', 'yes'], '') is None


def test_the_answer_after_reasoning_is_found_in_every_template():
  family = load_family('reasoning')
  both = (*family.templates, *family.few_shot)
  templates = [t for t in both if t.reasoning]
  assert len(templates) > 10
  for sample in family.samples:
    for template in templates:
      # T5 takes newlines for spaces.
      text = ' '.join(template.targets.format(**sample).split())
      found = answers.after_reasoning(text)
      assert answers.same_answer(sample['answer'], found)
      again = answers.after_reasoning(f'I thought the answer is 7. {text}')
      assert again == found


@pytest.mark.parametrize(
  'cue', ['So the final answer is:', 'The final answer:', 'The answer is:']
)
def test_answers_are_announced_in_other_words_too(cue):
  assert answers.after_reasoning(f'2 + 2 is four. {cue} 4') == '4'


def test_reasoning_without_an_answer_is_left_as_it_is():
  assert answers.after_reasoning(' I do not know. ') == 'I do not know.'
