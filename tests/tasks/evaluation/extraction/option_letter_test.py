"""Letters of options, in the forms that models write, and in no other."""

import pytest

from ul2_flan.tasks.evaluation.extraction.option_letter import (
  option_after_cue,
  option_letter,
)

FORMS = [
  '(B)', 'B', ' b ', '(b).', 'B)', 'B.', 'B: red', '[B]', '(B) red or not',
  'Answer: (B)', '**B**', 'Option B', '( B )', 'B) and so on',
  '(B), because (A) is wrong', '（B）', "'B'", '$B$', r'\boxed{B}', 'B - red',
  'The answer is (B).', 'the correct answer is: B', '(B) as (C) or (D) is no',
]  # fmt: skip
NOT_ONE = [
  '', '(A) or (B)', 'A or B', '(A) and (B)', 'A/B', '(A), (B)', 'A dog', 'Blue',
  '(A) (B)', '(A)\n(B)', '(A); (B)', '(A) red or (B) blue', '(A) 1 (B) 2 (C) 3',
  'not (B)', '(K)', 'None', 'Both', '5',
]  # fmt: skip


@pytest.mark.parametrize('text', FORMS)
def test_an_option_in_any_form(text):
  assert option_letter(text) == ('B', 'whole')
  assert option_after_cue(f'It is not (A). The answer is {text}') == (
    'B',
    'cue',
  )


@pytest.mark.parametrize('text', NOT_ONE)
def test_what_names_no_option_or_two(text):
  assert option_letter(text) == ('', 'none')
  assert option_after_cue(f'(B)? The answer is {text}').how == 'none'


@pytest.mark.parametrize(
  ('text', 'answer', 'how'),
  [
    ('First (A), then (C) it is', 'C', 'fallback'),
    ('D.', 'D', 'fallback'),
    ('It is (A) or (B)', '', 'none'),
    ('I do not know', '', 'none'),
    ('The answer is (A). No, the answer is: (B).', 'B', 'cue'),
    ('The correct answer is option (D).', 'D', 'cue'),
  ],
)
def test_after_reasoning(text, answer, how):
  assert option_after_cue(text) == (answer, how)
