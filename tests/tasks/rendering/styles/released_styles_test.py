"""Options and turns in the styles of google-research/FLAN's code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.flan.released import STYLES

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.styles.released_styles import (
  OptionStyle,
  TurnStyle,
  parse_released,
)

LETTERS = tuple(f'\n({c}) ' for c in 'abcdefghijklmnopqrstuvwxyz')


@given(
  options=st.lists(st.text('xyz ', min_size=1), min_size=2, max_size=26),
  data=st.data(),
)
def test_an_answer_is_the_mark_of_its_option(
  options: list[str], data: st.DataObject
) -> None:
  choice = data.draw(st.integers(0, len(options) - 1))
  style = OptionStyle(opening='Pick', marks=LETTERS, ending=';')
  text, answer = style.show(options, choice)
  assert text.count(';') == len(options)
  # As in FLAN's code, the first of those that differ in white space alone.
  first = [o.strip() for o in options].index(options[choice].strip())
  assert answer == LETTERS[first].strip()
  bullets = OptionStyle(opening='', marks=('\n* ',), ending='')
  assert bullets.show(options, choice) == (
    ''.join(f'\n* {option}' for option in options),
    options[choice],
  )


def test_the_mark_of_the_next_turn_ends_a_conversation() -> None:
  fixed = TurnStyle(opening='T:\n', marks=('', '\n- ', '\n- '), ending='')
  assert fixed.show(['a', 'b', 'c', 'd']) == 'T:\na\n- b\n- c\n- d\n- '
  two = TurnStyle(opening='', marks=(' A ', ' B '), ending='.')
  assert two.show(['a', 'b', 'c']) == ' A a. B b. A c. B '


@pytest.mark.parametrize(
  ('old', 'new', 'words'),
  [
    ('option_endings = ["", ";"]', 'option_endings = []', 'is empty'),
    ('["\\n~ "]', '["a", "b"]', '1 mark or 26, not 2'),
    ('["\\nA: ", "\\nB: "]', '["\\nA: "]', 'two marks or more'),
    ('max_tokens = 1920', 'max_token = 1920', "Did you mean 'max_tokens'"),
    ('max_tokens = 1920', 'max_tokens = "all"', 'not a whole number'),
    ('max_tokens = 1920', 'max_tokens', 'is not TOML'),
  ],
)
def test_a_bad_file_is_named(old: str, new: str, words: str) -> None:
  assert old in STYLES
  with pytest.raises(UserError) as e:
    parse_released(STYLES.replace(old, new), 'mine/released.toml')
  assert 'mine/released.toml' in str(e.value)
  assert words in str(e.value)
