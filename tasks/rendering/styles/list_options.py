"""Lists answer options in a style, and gives the answer the matching form.

The answer is `(B)` where the style letters the options and answers by letter;
it is the option's own words after a bullet.
"""

import functools

import numpy as np

from ul2_flan.tasks.rendering.styles.option_styles import styles
from ul2_flan.tasks.seeding import draw, stream


def show(
  options: tuple[str, ...], opening: int, item: int, closing: int
) -> tuple[str, tuple[str, ...]]:
  """Lists options, and returns the form of the answer for each of them.

  Args:
    options: n texts.
    opening, item, closing: indices into the fields of `styles()`.

  Returns:
    the list as one text, and n answers.
  """
  style = styles().items[item]
  return _list(options, opening, item, closing), style.answers_of(options)


def show_choice(
  options: tuple[str, ...], choice: int, opening: int, item: int, closing: int
) -> tuple[str, str]:
  """As `show`, but returns the form of answer number `choice` alone."""
  style = styles().items[item]
  answer = style.answer_of(options[choice], choice)
  return _list(options, opening, item, closing), answer


def _list(
  options: tuple[str, ...], opening: int, item: int, closing: int
) -> str:
  return _list_of(len(options), opening, item, closing) % options


# To fill in one format takes a third of the time of joining texts.
@functools.lru_cache(maxsize=1 << 14)
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


# The few labels of a task recur from instance to instance, in `ORDERS` orders:
# the cache holds the lists of all styles of some tasks.
@functools.lru_cache(maxsize=1 << 14)
def show_labels(
  labels: tuple[str, ...], opening: int, item: int, closing: int, order: int
) -> tuple[str, tuple[str, ...]]:
  """As `show`, for the labels of a task in one of several orders.

  Args:
    order: the permutation, below `ORDERS`; -1 keeps the labels' own order.
  """
  if order < 0:
    return show(labels, opening, item, closing)
  permuted = order_of_labels(len(labels), order)
  text, forms = show(tuple(labels[i] for i in permuted), opening, item, closing)
  return text, tuple(forms[permuted.index(i)] for i in range(len(labels)))
