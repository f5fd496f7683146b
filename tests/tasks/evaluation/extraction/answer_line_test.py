"""BIG-Bench-Hard's rules; `report/codex_test.py` has their golden test."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation.extraction.answer_line import answer_line, whole

# Brackets, full stops and words, as BBH's answers have them.
texts = st.text('ab[]()<> .5', max_size=12)


@given(texts, texts)
def test_what_follows_the_last_cue_is_the_answer(before, text):
  answer = text.strip(' .')
  for end in ('', '.', '. ', '.\nQ: more'):
    found = answer_line(f'{before} So the answer is {answer}{end}')
    assert found == ((answer, 'cue') if answer else ('', 'none'))


@pytest.mark.parametrize(
  'text', ['', 'It is 5.', 'THE ANSWER IS 5', 'The answer is .', 'answer is 5']
)
def test_without_a_cue_or_words_after_it_there_is_no_answer(text):
  assert answer_line(text) == ('', 'none')


def test_only_one_full_stop_is_cut():
  assert answer_line('The answer is etc..').answer == 'etc.'
  assert answer_line('The answer is the answer is 3.').answer == '3'


def test_the_last_of_several_lines_counts():
  assert (
    answer_line('The answer is 1.\nNo, the answer is 2.\nYes').answer == '2'
  )


@given(texts)
def test_all_of_a_text_is_the_answer(text):
  answer = text.strip()
  assert whole(text) == ((answer, 'whole') if answer else ('', 'none'))
