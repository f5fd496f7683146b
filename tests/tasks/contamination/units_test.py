"""Words, and characters of scripts that separate none."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.contamination import units
from ul2_flan.tasks.contamination.characters import (
  EAST_ASIAN,
  SOUTH_EAST_ASIAN,
  WORDS,
  characters_of,
)


def hashed(*texts: str) -> list[tuple[int, int]]:
  made = units.words_of(characters_of(texts))
  return [*zip(made.text.tolist(), made.hashes.tolist(), strict=True)]


@given(st.lists(st.text('ab ', max_size=12), max_size=4))
def test_words_are_equal_if_their_letters_are(texts: list[str]):
  words = [(i, word) for i, text in enumerate(texts) for word in text.split()]
  made = hashed(*texts)
  assert [i for i, _ in made] == [i for i, _ in words]
  known: dict[str, int] = {}
  for (_, word), (_, value) in zip(words, made, strict=True):
    assert known.setdefault(word, value) == value
  assert len({*known.values()}) == len(known)


def test_a_long_word_is_a_word():
  ((_, one),) = hashed('x' * 1000)
  ((_, other),) = hashed('x' * 999)
  assert one != other


def test_a_text_is_of_the_script_of_most_of_its_letters():
  texts = ['words 中', '中文字 ab', 'ภาษาไทย x', '한국어', '']
  made = units.by_main_script(characters_of(texts))
  assert {k: sorted({*v.text.tolist()}) for k, v in made.items()} == {
    WORDS: [0, 3],
    EAST_ASIAN: [1],
    SOUTH_EAST_ASIAN: [2],
  }
  assert len(made[EAST_ASIAN].hashes) == len('中文字ab')


def test_characters_are_chosen_by_text():
  characters = characters_of(['中文', 'ab', '文 中'])
  chosen = np.array([True, False, True])
  made = units.characters_as_units(characters, chosen)
  assert made.text.tolist() == [0, 0, 2, 2]
  one, two, three, four = made.hashes.tolist()
  assert (one, two) == (four, three)
  counts = units.counts_of_scripts(characters)
  assert {k: v.tolist() for k, v in counts.items()} == {EAST_ASIAN: [2, 0, 2]}
