"""Lists answer options in a style, and gives the answer the matching form.

The answer is `(B)` where the style letters the options and answers by letter;
it is the option's own words after a bullet.
"""

from collections.abc import Iterable, Sequence
import functools
import math
import operator

import numpy as np

from ul2_flan.tasks.rendering.styles.option_styles import ORDERS, styles
from ul2_flan.tasks.seeding import draw, stream


def show(
  options: Sequence[tuple[str, ...]],
  openings: Iterable[int],
  items: Iterable[int],
  closings: Iterable[int],
) -> list[str]:
  """Lists the options of each of n instances in a style of its own.

  Args:
    options: the options of each.
    openings, items, closings: the style of each: n indices into the fields of
      `styles()`.
  """
  return fill(formats(map(len, options), openings, items, closings), options)


def formats(
  counts: Iterable[int],
  openings: Iterable[int],
  items: Iterable[int],
  closings: Iterable[int],
) -> list[str]:
  r"""Returns lists of so many options, without them, for `fill`.

  Args:
    counts: n numbers of options.
    openings, items, closings: as in `show`.

  >>> formats([2], [0], [0], [0])
  ['Options:\n(A) %s\n(B) %s']
  """
  return list(map(_list_of, counts, openings, items, closings))


def fill(lists: Sequence[str], options: Sequence[tuple[str, ...]]) -> list[str]:
  """Returns each of n `formats` with its options."""
  # To fill in one format takes a third of the time of joining texts.
  return list(map(operator.mod, lists, options))


def answers(
  options: Sequence[tuple[str, ...]],
  choices: Iterable[int],
  items: Iterable[int],
) -> list[str]:
  """Returns the form that each of n answers has in its style.

  Args:
    options: the options of each.
    choices: which of them is the answer.
    items: the style of each, an index into the items of `styles()`.
  """
  forms = map(_answer_forms().__getitem__, items)
  return [
    marks[choice] + listed[choice] if in_full else marks[choice]
    for (marks, in_full), listed, choice in zip(
      forms, options, choices, strict=True
    )
  ]


@functools.cache
def _answer_forms() -> tuple[tuple[tuple[str, ...], bool], ...]:
  """Returns `answers` and `text_in_answer` of each item."""
  return tuple((i.answers, i.text_in_answer) for i in styles().items)


@functools.lru_cache(maxsize=1 << 15)
def _list_of(count: int, opening: int, item: int, closing: int) -> str:
  """Returns a list of so many options as a format for Python's `%` operator."""
  all_styles = styles()
  style = all_styles.items[item]
  head = all_styles.openings[opening]
  if head:
    head += '\n' if style.join == '\n' else ' '
  # No text of a style or an option has a NUL.
  text = head + style.show(['\0'] * count) + all_styles.closings[closing]
  return text.replace('%', '%%').replace('\0', '%s')


@functools.cache
def order_of_labels(count: int, order: int) -> tuple[int, ...]:
  """Returns permutation number `order` of `count` labels.

  Over the `ORDERS` numbers, all permutations of up to five labels occur
  equally often; of more labels, `ORDERS` random ones do.

  >>> [order_of_labels(3, order) for order in range(3)]
  [(0, 1, 2), (1, 0, 2), (2, 0, 1)]
  """
  if count <= 5:
    # The digits of `order` in the factorial number system pick label by label.
    left = list(range(count))
    result = []
    for size in range(count, 0, -1):
      order, at = divmod(order, size)
      result.append(left.pop(at))
    return tuple(result)
  start = stream(0, 'order of labels', np.array([order], np.uint64))
  rank = draw(start, np.arange(count))
  return tuple(np.argsort(rank, kind='stable').tolist())


# The few labels of a task recur from instance to instance, in `ORDERS` orders.
@functools.lru_cache(maxsize=1 << 12)
def in_order(
  labels: tuple[str, ...], order: int
) -> tuple[tuple[str, ...], tuple[int, ...]]:
  """Puts the labels of a task in order number `order`.

  Returns:
    the labels, and the place that each of them has got.

  >>> in_order(('yes', 'no', 'maybe'), 2)
  (('maybe', 'yes', 'no'), (1, 2, 0))
  """
  permuted = order_of_labels(len(labels), order)
  places = (permuted.index(i) for i in range(len(labels)))
  return tuple(labels[i] for i in permuted), tuple(places)


def distinct_orders(count: int) -> int:
  """Returns from which number on orders of so many labels come again."""
  return math.factorial(count) if count <= 5 else ORDERS


# Where all instances have the same options, each item's style recurs.
@functools.lru_cache(maxsize=1 << 12)
def in_style(
  options: tuple[str, ...], order: int | None, item: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
  """Returns options in an order, and as answers.

  Args:
    options: the options.
    order: the number of their order; None to leave them as they are.
    item: the style, an index into the items of `styles()`.

  Returns:
    the options as they are to be listed; and the form that each of `options`
    has as an answer.
  """
  listed, places = options, tuple(range(len(options)))
  if order is not None:
    listed, places = in_order(options, order)
  forms = answers([listed] * len(places), places, [item] * len(places))
  return listed, tuple(forms)
