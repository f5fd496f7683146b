"""Texts that a reader takes for the same have the same characters."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.contamination.characters import (
  EAST_ASIAN,
  SOUTH_EAST_ASIAN,
  SPACE,
  characters_of,
  scripts,
)


def words(text: str) -> list[str]:
  values = characters_of([text]).values
  return ''.join(map(chr, values.tolist())).replace(chr(SPACE), ' ').split()


@pytest.mark.parametrize(
  ('one', 'other'),
  [
    ('Why, then?', 'why then'),
    ('“Don’t”', "DON'T"),
    ('a\u3000b\u00a0c\r\nd', 'a b c d'),
    ('Ｆｕｌｌ １２', 'full 12'),
    ('cafe\u0301', 'CAFÉ'),
    ('ﬁne', 'fine'),
    ('1,000', '1000'),
    ('straße', 'STRASSE'),
    ('ὁδός', 'ὉΔΌΣ'),
    ('ısı İst', 'ISI ist'),
  ],
)
def test_form_does_not_tell_texts_apart(one: str, other: str):
  assert words(one) == words(other)


def test_letters_digits_and_marks_do():
  assert words('กำ 3 नि x²') == ['ก\u0e4dา', '3', 'นि'.replace('น', 'न'), 'x2']


@given(st.lists(st.text(max_size=20), max_size=5))
def test_each_text_is_its_own(texts: list[str]):
  made = characters_of(texts)
  assert len(made.offsets) == len(texts) + 1
  for i, text in enumerate(texts):
    alone = characters_of([text]).values
    assert np.array_equal(
      made.values[made.offsets[i] : made.offsets[i + 1]], alone
    )
    assert alone[-1] == SPACE


def test_half_of_a_surrogate_pair_does_not_count():
  assert words('a\ud800b') == ['ab']


def test_scripts_without_spaces_are_known():
  found = [scripts()[ord(c)] for c in '中かカกລខa한я']
  assert found == [EAST_ASIAN] * 3 + [SOUTH_EAST_ASIAN] * 3 + [0] * 3
