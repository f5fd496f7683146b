"""Sentences of which a task is made, or nothing is left to do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import prepare_row, prepare_rows

from ul2_flan.tasks.rendering.instances.reject import RejectError
from ul2_flan.tasks.rendering.instances.sentence_shapes import (
  last_word,
  lower_case,
  no_punctuation,
  no_spaces,
)
from ul2_flan.tasks.rendering.instances.shapes import Shape


def test_a_task_of_letter_case() -> None:
  row = {'en': 'In May.', 'da': 'I maj.'}
  instance = prepare_row('flan2021:true_case', 'tfds', row)
  assert instance == {'lower': 'in may.', 'sentence': 'In May.'}


@given(st.text('aB., \n', max_size=12))
def test_what_was_taken_away_is_what_is_asked_for(text: str) -> None:
  for shape, field, less in (
    (lower_case, 'lower', str.lower),
    (no_spaces, 'joined', lambda t: ''.join(t.split())),
    (no_punctuation, 'bare', lambda t: t.replace('.', '').replace(',', '')),
  ):
    try:
      (fields,) = shape({'sentence': text}, 0)
    except RejectError:
      assert less(text).split() in ([], text.split())
      continue
    assert fields[field] != fields['sentence']
    assert fields[field].split() == less(fields['sentence']).split()


@given(st.lists(st.text('ab.', min_size=1), min_size=1))
def test_the_last_word_follows_the_rest(words: list[str]) -> None:
  try:
    (fields,) = last_word({'passage': ' '.join(words)}, 0)
  except RejectError:
    assert len(words) == 1 or not words[-1].strip('.')
    return
  assert fields['text'].split() == words[:-1]
  assert fields['word'] == words[-1].strip('.')


@pytest.mark.parametrize(
  ('shape', 'text'),
  [
    (lower_case, 'in may.'),
    (no_punctuation, 'In May'),
    (no_punctuation, '...'),
    (no_spaces, 'May'),
  ],
)
def test_sentences_that_would_stay_the_same_are_rejected(
  shape: Shape, text: str
) -> None:
  with pytest.raises(RejectError, match='nothing_to_do'):
    shape({'sentence': text}, 0)


def test_a_passage_of_one_word_is_too_short() -> None:
  prepared = prepare_rows('flan2021:lambada', 'tfds', {'passage': 'word'})
  assert prepared.rejects == {'too_short': [0]}
