"""Turns of a conversation, in every style."""

import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.styles.dialog_styles import DialogStyle, styles
from ul2_flan.tasks.rendering.trimming.cut_points import TURN_TOKENS


@given(st.lists(st.text('abc', min_size=1), min_size=1))
@pytest.mark.parametrize('style', styles())
def test_turns_are_shown_in_order_and_speakers_take_turns(
  style: DialogStyle, turns: list[str]
) -> None:
  shown = style.show(turns).split(style.join)
  assert shown == [style.speakers[i % 2] + t for i, t in enumerate(turns)]


@pytest.mark.parametrize('style', styles())
def test_no_style_takes_more_tokens_than_trimming_allows_for(
  style: DialogStyle,
) -> None:
  # Common words are one token each, and so is a digit or a mark.
  for speaker in style.speakers:
    tokens = re.findall(r'[A-Za-z]+|\S', speaker)
    assert len(tokens) <= TURN_TOKENS


def test_no_two_styles_are_the_same() -> None:
  assert len(set(styles())) == len(styles())
