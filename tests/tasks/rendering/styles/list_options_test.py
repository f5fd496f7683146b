"""Options are listed, and answers take their form, in every style."""

from __future__ import annotations

import collections
import math

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import labels_in_style, options_in_style

from ul2_flan.tasks.rendering.styles import list_options
from ul2_flan.tasks.rendering.styles.list_options import order_of_labels
from ul2_flan.tasks.rendering.styles.option_styles import ORDERS, styles

STYLES = styles()


@pytest.mark.parametrize('item', range(len(STYLES.items)))
def test_each_answer_stands_at_its_own_option_and_differs(item: int) -> None:
  listed = tuple(f'the {word} one' for word in ('red', 'green', 'blue', 'grey'))
  for opening in range(len(STYLES.openings)):
    text, answers = options_in_style(listed, opening, item, 0)
    assert len(set(answers)) == len(listed)
    assert text == text.strip()
    assert '  ' not in text
    join = STYLES.items[item].join
    shown = text.removeprefix(STYLES.openings[opening]).strip().split(join)
    if len(shown) == len(listed):
      for part, answer, option in zip(shown, answers, listed, strict=True):
        assert part.startswith(answer) or part.endswith(answer)
        assert part.endswith(option)


@given(
  st.lists(
    st.tuples(
      st.lists(st.text('ab%', min_size=1), min_size=2, max_size=20).map(tuple),
      st.integers(0, len(STYLES.openings) - 1),
      st.integers(0, len(STYLES.items) - 1),
      st.integers(0, len(STYLES.closings) - 1),
    )
  )
)
def test_each_instance_is_in_its_own_style(
  drawn: list[tuple[tuple[str, ...], int, int, int]],
) -> None:
  columns = [[one[k] for one in drawn] for k in range(4)]
  options, _, items, _ = columns
  assert list_options.show(*columns) == [
    options_in_style(*one)[0] for one in drawn
  ]
  last = [len(listed) - 1 for listed in options]
  assert list_options.answers(options, last, items) == [
    options_in_style(*one)[1][-1] for one in drawn
  ]
  for listed, opening, item, closing in drawn:
    text, _ = options_in_style(listed, opening, item, closing)
    shown = text.removeprefix(STYLES.openings[opening]).lstrip()
    assert shown == STYLES.items[item].show(listed) + STYLES.closings[closing]


@pytest.mark.parametrize('count', [2, 3, 4, 5])
def test_orders_of_labels_are_uniform(count: int) -> None:
  orders = collections.Counter(order_of_labels(count, i) for i in range(ORDERS))
  assert len(orders) == math.factorial(count)
  assert set(orders.values()) == {ORDERS // math.factorial(count)}


@pytest.mark.parametrize('count', [2, 3, 5, 6])
def test_orders_come_again(count: int) -> None:
  distinct = list_options.distinct_orders(count)
  for order in range(ORDERS):
    again = order_of_labels(count, order % distinct)
    assert again == order_of_labels(count, order)


@given(st.integers(6, 40), st.integers(0, ORDERS - 1))
def test_orders_of_many_labels_are_permutations(count: int, order: int) -> None:
  assert sorted(order_of_labels(count, order)) == list(range(count))


@given(st.integers(0, ORDERS - 1), st.integers(0, len(STYLES.items) - 1))
def test_labels_keep_their_answers_in_every_order(
  order: int, item: int
) -> None:
  labels = ('yes', 'it is not possible to tell', 'no')
  _, answers = labels_in_style(labels, item, order)
  permuted = tuple(labels[i] for i in order_of_labels(3, order))
  _, forms = options_in_style(permuted, 0, item, 0)
  for label, answer in zip(labels, answers, strict=True):
    assert forms[permuted.index(label)] == answer
