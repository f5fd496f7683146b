"""The style that is drawn goes with the options."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from support.instances import options_in_style

from ul2_flan.tasks.rendering.styles.option_styles import (
  ORDERS,
  draw_styles,
  styles,
)

STYLES = styles()


@given(
  count=st.integers(2, 60), long=st.booleans(), key=st.integers(0, 2**64 - 1)
)
def test_a_style_fits_its_options(count: int, long: bool, key: int) -> None:
  listed = tuple(
    ('word ' * 20 if long else 'no ') + str(i) for i in range(count)
  )
  drawn = draw_styles(np.array([key], np.uint64), [listed])
  style = STYLES.items[int(drawn.item[0])]
  text, answers = options_in_style(
    listed, int(drawn.opening[0]), int(drawn.item[0]), int(drawn.closing[0])
  )
  assert len(answers) == count
  assert all(option in text for option in listed)
  assert style.join == '\n' or not (long or count > 20)


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_not_numbered(key: int) -> None:
  listed = ('0', '1', '2')
  drawn = draw_styles(np.array([key], np.uint64), [listed])
  _, answers = options_in_style(listed, 0, int(drawn.item[0]), 0)
  assert answers == list(listed)


def test_all_styles_are_drawn() -> None:
  keys = np.arange(20_000, dtype=np.uint64)
  drawn = draw_styles(keys, [('yes', 'no')] * len(keys))
  assert set(drawn.item.tolist()) == set(range(len(STYLES.items)))
  assert set(drawn.opening.tolist()) == set(range(len(STYLES.openings)))
  assert set(drawn.order.tolist()) == set(range(ORDERS))


def test_it_is_asked_to_choose_at_most_once() -> None:
  keys = np.arange(2000, dtype=np.uint64)
  drawn = draw_styles(keys, [('yes', 'no')] * len(keys))
  calls = STYLES.quiet[drawn.opening] != drawn.opening
  assert calls.any()
  assert (drawn.closing > 0).any()
  assert not (calls & (drawn.closing > 0)).any()
  quiet = drawn.without_calls(np.ones(len(keys), np.bool_))
  assert (STYLES.quiet[quiet.opening] == quiet.opening).all()
  assert not quiet.closing.any()
  assert STYLES.closings[0] == ''
  assert (quiet.item == drawn.item).all()
