"""Options in every style."""

from __future__ import annotations

import collections
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.rendering.styles import option_styles, options
from ul2_flan.tasks.rendering.styles.option_styles import ORDERS, ItemStyle
from ul2_flan.tasks.rendering.styles.options import order_of_labels

STYLES = option_styles.styles()
LETTERS = 'abcdefghijklmnopqrstuvwxyz'


@pytest.mark.parametrize('item', range(len(STYLES.items)))
def test_answers_match(item: int) -> None:
  """Each answer stands at its own option, and is unlike the others."""
  row = tuple(f'the {word} one' for word in ('red', 'green', 'blue', 'grey'))
  for opening in range(len(STYLES.openings)):
    text, answers = options.show(row, opening, item, 0)
    assert len(set(answers)) == len(row)
    assert text == text.strip()
    assert '  ' not in text
    join = STYLES.items[item].join
    shown = text.removeprefix(STYLES.openings[opening]).strip().split(join)
    if len(shown) == len(row):
      for part, answer, option in zip(shown, answers, row, strict=True):
        assert part.startswith(answer) or part.endswith(answer)
        assert part.endswith(option)


@given(
  count=st.integers(2, 60), long=st.booleans(), key=st.integers(0, 2**64 - 1)
)
def test_a_style_fits_its_options(count: int, long: bool, key: int) -> None:
  row = tuple(('word ' * 20 if long else 'no ') + str(i) for i in range(count))
  draws = option_styles.draw_styles(np.array([key], np.uint64), [row])
  style = STYLES.items[int(draws.item[0])]
  text, answers = options.show(
    row, int(draws.opening[0]), int(draws.item[0]), int(draws.closing[0])
  )
  assert len(answers) == count
  for choice, answer in enumerate(answers):
    drawn = (int(d[0]) for d in (draws.opening, draws.item, draws.closing))
    assert options.show_choice(row, choice, *drawn) == (text, answer)
  assert all(option in text for option in row)
  assert style.join == '\n' or not (long or count > 20)


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_not_numbered(key: int) -> None:
  row = ('0', '1', '2')
  draws = option_styles.draw_styles(np.array([key], np.uint64), [row])
  _, answers = options.show(row, 0, int(draws.item[0]), 0)
  assert answers == row


def test_all_styles_are_drawn() -> None:
  keys = np.arange(20_000, dtype=np.uint64)
  draws = option_styles.draw_styles(keys, [('yes', 'no')] * len(keys))
  assert set(draws.item.tolist()) == set(range(len(STYLES.items)))
  assert set(draws.opening.tolist()) == set(range(len(STYLES.openings)))


@pytest.mark.parametrize('count', [2, 3, 4, 5])
def test_orders_of_labels_are_uniform(count: int) -> None:
  orders = collections.Counter(order_of_labels(count, i) for i in range(ORDERS))
  assert len(orders) == math.factorial(count)
  assert set(orders.values()) == {ORDERS // math.factorial(count)}


@given(st.integers(6, 40), st.integers(0, ORDERS - 1))
def test_orders_of_many_labels(count: int, order: int) -> None:
  assert sorted(order_of_labels(count, order)) == list(range(count))


@given(st.integers(0, ORDERS - 1), st.integers(0, len(STYLES.items) - 1))
def test_labels_keep_their_answers(order: int, item: int) -> None:
  labels = ('yes', 'it is not possible to tell', 'no')
  _, answers = options.show_labels(labels, 0, item, 0, order)
  permuted = tuple(labels[i] for i in order_of_labels(3, order))
  _, forms = options.show(permuted, 0, item, 0)
  for label, answer in zip(labels, answers, strict=True):
    assert forms[permuted.index(label)] == answer


def test_letters_end() -> None:
  style = ItemStyle.of('({a}) {text}', '({a})')
  assert len(style.before) == len(LETTERS)
  assert style.before[-1] == '(z) '
