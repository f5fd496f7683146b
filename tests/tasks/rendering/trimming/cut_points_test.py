"""Where texts are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import count_words

from ul2_flan.tasks.rendering.trimming.cut_points import (
  TURN_TOKENS,
  cut_inside,
  cut_start,
  cut_text,
  shorten,
)

TEXTS = st.text('ab .!?"\n', min_size=1, max_size=80)


@given(TEXTS, st.integers(0, 80))
def test_what_stays_is_shorter_and_a_part_of_the_text(
  text: str, chars: int
) -> None:
  chars = min(chars, len(text))
  beginning, end = cut_text(text, chars), cut_start(text, chars)
  assert text.startswith(beginning)
  assert text.endswith(end)
  for part in (beginning, end):
    assert len(part) < max(chars, 1) or not chars


@given(st.text('ab !?\n', min_size=1, max_size=80), st.integers(0, 80))
def test_both_ends_stay(text: str, chars: int) -> None:
  short = cut_inside(text, min(chars, len(text)))
  assert len(short) < max(chars, 1)
  head, gap, tail = (''.join(p.split()) for p in short.partition('...'))
  whole = ''.join(text.split())
  assert whole.startswith(head)
  assert whole.endswith(tail)
  assert bool(short) == bool(gap)


@pytest.mark.parametrize(
  ('text', 'chars', 'expected'),
  [
    # One line; a long line before the question, and after it.
    ('One two. Three four. Five six. Why?', 25, 'One two. Three ... Why?'),
    (
      'P: One two three. Four five.\nWhy?',
      31,
      'P: One two ... Four five.\nWhy?',
    ),
    ('Why so?\nOne two three. Four five.', 28, 'Why so?\nOne ... Four five.'),
    # Short lines; no sentence; one that is too long.
    ('a b c\n' * 9 + 'd e f?', 27, 'a b c\na b c\na b ... d e f?'),
    ('1 2 3 4 5 6 7 8 9 10 11', 18, '1 2 3 4 5 ... 11'),
    ('这是第一句。这是第二句。为什么？', 13, '这是第 ... 为什么？'),
  ],
)
def test_the_question_at_the_end_stays(
  text: str, chars: int, expected: str
) -> None:
  assert cut_inside(text, chars) == expected


@given(TEXTS, TEXTS, st.text('xy', min_size=1, max_size=9), st.integers(1, 200))
def test_the_answer_stays_or_nothing_does(
  before: str, after: str, answer: str, chars: int
) -> None:
  text = before + answer + after
  chars = min(chars, len(text))
  part = cut_text(text, chars, answer)
  assert not part or (answer in part and part in text and len(part) < len(text))


@pytest.mark.parametrize(
  ('text', 'chars', 'expected'),
  [
    # A sentence ends in the last quarter; before it; nowhere.
    ('One two. Three four five.', 10, 'One two.'),
    ('One. Two three four five.', 15, 'One. Two three'),
    ('onetwothree', 5, 'onet'),
    ('He said: "Go." Then he left.', 17, 'He said: "Go."'),
  ],
)
def test_passages_end_with_a_sentence_or_a_word(
  text: str, chars: int, expected: str
) -> None:
  assert cut_text(text, chars) == expected


def test_a_text_that_cannot_be_cut_stays_whole() -> None:
  text = 'so long an answer'
  assert shorten(text, 1, [4], lambda text, chars: '', count_words) == text


@given(st.integers(1, 30), st.integers(1, 200))
def test_dialogues_lose_pairs_of_turns_from_the_oldest_on(
  turns: int, room: int
) -> None:
  dialog = tuple(f'turn {i}' for i in range(turns))
  tokens = count_words(dialog)
  shorter = shorten(dialog, room, tokens, cut_text, count_words)
  assert dialog[turns - len(shorter) :] == shorter
  assert (turns - len(shorter)) % 2 == 0
  cost = 2 + TURN_TOKENS
  assert len(shorter) * cost <= room or len(shorter) <= 2
  # No more turns go than must.
  assert len(shorter) == turns or (len(shorter) + 2) * cost > room


@given(
  st.lists(st.integers(1, 12), min_size=1, max_size=60), st.integers(3, 60)
)
def test_texts_are_cut_until_their_tokens_fit(
  lengths: list[int], room: int
) -> None:
  text = ' '.join('w' * n for n in lengths)
  shorter = shorten(text, room, [len(lengths)], cut_text, count_words)
  assert isinstance(shorter, str)
  assert text.startswith(shorter)
  assert len(shorter.split()) <= room
  assert (shorter == text) == (len(lengths) <= room)
