"""What goes wrong in answers without a reference."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation.report.free_form import (
  Answer,
  free_form,
  is_empty,
  is_endless,
  repeats,
)

words = st.lists(st.sampled_from(['ab', 'cd', 'eee']), min_size=1, max_size=8)


@given(words, words, st.integers(4, 9), st.integers(0, 5))
def test_a_loop_at_the_end_is_found_wherever_it_is_cut(start, loop, times, cut):
  text = ' '.join(start + loop * (times + 4))
  assert is_endless(text[: len(text) - cut])


@pytest.mark.parametrize(
  'text',
  ['', 'No, no, no.', '1000000000', 'It costs 5 5 5 5 5', 'ha', '........',
   'The cat saw the dog and the dog saw the cat and all was well.'],
)  # fmt: skip
def test_what_ends(text):
  assert not is_endless(text)


@pytest.mark.parametrize(
  ('prompt', 'said', 'is_repeated'),
  [
    ('Who wrote  it?', 'who wrote it?', True),
    ('Who wrote it?', 'Q: Who wrote it? A: You', True),
    ('Here is a text. Who wrote it?', 'is a text. Who wrote', True),
    ('Here is a text. Who wrote it?', 'a text', False),
    ('Here is a text.', '', False),
    ('', 'x', False),
  ],
)
def test_answers_that_repeat_the_prompt(prompt, said, is_repeated):
  assert repeats(prompt, said) is is_repeated


def test_empty():
  assert is_empty(' ⁇ ')
  assert not is_empty('是')


def test_shares_are_in_percent():
  found = free_form(
    [
      Answer('Hi?', ''),
      Answer('Hi?', 'hi?'),
      Answer('Hi?', 'It was a', is_cut=True),
      Answer('Hi?', 'so so so so so so'),
    ]
  )
  assert (found.n, found.empty, found.repeats, found.endless) == (4, 25, 25, 50)
