"""Options to choose from, in a style that is drawn for each example.

The answer takes the form that the options have: `(B)` where they are lettered,
its own words after a bullet.
"""

from __future__ import annotations

import functools

import numpy as np

from ul2_flan.tasks.rendering.styles.option_styles import styles
from ul2_flan.tasks.seeding import draw, stream


def show(
  options: tuple[str, ...], opening: int, item: int, closing: int
) -> tuple[str, tuple[str, ...]]:
  """The options in a style, and the form of the answer for each of them."""
  style = styles().items[item]
  return _shown(options, opening, item, closing), style.answers_of(options)


def show_choice(
  options: tuple[str, ...], choice: int, opening: int, item: int, closing: int
) -> tuple[str, str]:
  """As `show`, with the form of one answer only."""
  style = styles().items[item]
  answer = style.answer_of(options[choice], choice)
  return _shown(options, opening, item, closing), answer


def _shown(
  options: tuple[str, ...], opening: int, item: int, closing: int
) -> str:
  all_styles = styles()
  style = all_styles.items[item]
  head = all_styles.openings[opening]
  if head:
    head += '\n' if style.join == '\n' else ' '
  return head + style.show(options) + all_styles.closings[closing]


@functools.cache
def order_of_labels(count: int, order: int) -> tuple[int, ...]:
  """One of `ORDERS` permutations of `count` labels.

  For up to five labels, all permutations occur, equally often.

  >>> [order_of_labels(3, order) for order in range(3)]
  [(0, 1, 2), (1, 0, 2), (2, 0, 1)]
  """
  if count <= 5:
    left = list(range(count))
    result = []
    for size in range(count, 0, -1):
      order, at = divmod(order, size)
      result.append(left.pop(at))
    return tuple(result)
  start = stream(0, 'order of labels', np.array([order], np.uint64))
  rank = draw(start, np.arange(count))
  return tuple(np.argsort(rank, kind='stable').tolist())


@functools.lru_cache(maxsize=1 << 14)
def show_labels(
  labels: tuple[str, ...], opening: int, item: int, closing: int, order: int
) -> tuple[str, tuple[str, ...]]:
  """As `show`, for labels: they recur from row to row, in different orders.

  Args:
    order: one of `ORDERS`; -1 for the labels' own order.
  """
  if order < 0:
    return show(labels, opening, item, closing)
  permuted = order_of_labels(len(labels), order)
  text, forms = show(tuple(labels[i] for i in permuted), opening, item, closing)
  return text, tuple(forms[permuted.index(i)] for i in range(len(labels)))
