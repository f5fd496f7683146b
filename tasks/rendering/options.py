"""Options to choose from, in a style that is drawn for each example.

The answer takes the form that the options have: `(B)` where they are lettered,
its own words after a bullet.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools
import importlib.resources
import re
import tomllib

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.seeding import below, draw, stream

# An option that may stand in one line with the others.
_SHORT_CHARS = 24

# Twenty are as many as anyone reads.
_ROMAN = (
  *('I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'),
  *('XI', 'XII', 'XIII', 'XIV', 'XV', 'XVI', 'XVII', 'XVIII', 'XIX', 'XX'),
)
_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
_MARKS: dict[str, Sequence[str]] = {
  'A': _ALPHABET,
  'a': _ALPHABET.lower(),
  '1': [str(i) for i in range(1, 1000)],
  'I': _ROMAN,
  'i': [r.lower() for r in _ROMAN],
}
# "3" would be the second of "1. 2", "2. 3".
_LIKE_A_MARK = re.compile(
  r'^[(\[#]?(\d+|[A-Za-z]|[ivxIVX]+)[)\].:]?$', re.MULTILINE
)
# Such an option would be two in a line of options.
_LIKE_A_JOIN = re.compile(r', | / | or |[()]')
_MARK = re.compile(r'\{([Aa1Ii])\}')


@dataclasses.dataclass(frozen=True, slots=True)
class ItemStyle:
  """How options are marked and joined.

  Attributes:
    item, answer, join: as `option_styles.toml` explains them.
    before: what stands before option 0, 1, ...
    answers: what the answer is if it is option 0, 1, ..., up to the text.
    text_in_answer: whether the option's own text follows.
  """

  item: str
  answer: str
  join: str
  before: tuple[str, ...]
  answers: tuple[str, ...]
  text_in_answer: bool

  @classmethod
  def of(cls, item: str, answer: str, join: str = '\n') -> ItemStyle:
    kinds = {match[1] for match in _MARK.finditer(item)}
    marks = _MARKS[kinds.pop()] if kinds else [''] * 999
    return cls(
      item,
      answer,
      join,
      tuple(_MARK.sub(m, item).removesuffix('{text}') for m in marks),
      tuple(_MARK.sub(m, answer).removesuffix('{text}') for m in marks),
      answer.endswith('{text}'),
    )

  def show(self, options: Sequence[str]) -> str:
    r"""The options as text.

    >>> ItemStyle.of('({A}) {text}', '({A})').show(['yes', 'no'])
    '(A) yes\n(B) no'
    """
    return self.join.join(
      [
        mark + option
        for mark, option in zip(self.before, options, strict=False)
      ]
    )

  def answers_of(self, options: Sequence[str]) -> tuple[str, ...]:
    """The form of the answer that matches, for each option.

    >>> ItemStyle.of('({A}) {text}', '({A})').answers_of(['yes', 'no'])
    ('(A)', '(B)')
    """
    marks = self.answers[: len(options)]
    if not self.text_in_answer:
      return marks
    return tuple(m + o for m, o in zip(marks, options, strict=True))

  def answer_of(self, option: str, choice: int) -> str:
    """The form of the answer that matches option number `choice`.

    >>> ItemStyle.of('({A}) {text}', '({A})').answer_of('no', 1)
    '(B)'
    """
    mark = self.answers[choice]
    return mark + option if self.text_in_answer else mark


@dataclasses.dataclass(frozen=True, slots=True)
class OptionStyles:
  """All styles, as data.

  Attributes:
    items: the styles of items, repeated by their weights.
    eligible: int64 arrays of indices into `items`: for short options; for
      longer ones; for more options than there are letters; for options that
      look like marks themselves, such as numbers.
  """

  openings: tuple[str, ...]
  closings: tuple[str, ...]
  items: tuple[ItemStyle, ...]
  eligible: tuple[Int64s, Int64s, Int64s, Int64s]


@functools.cache
def styles() -> OptionStyles:
  """The styles of `option_styles.toml`."""
  folder = importlib.resources.files('ul2_flan.tasks') / 'rendering'
  text = (folder / 'option_styles.toml').read_text(encoding='utf-8')
  raw = tomllib.loads(text)
  items: list[ItemStyle] = []
  for entry in raw['items']:
    weight = entry.pop('weight', 1)
    items += [ItemStyle.of(**entry)] * weight
  lines = [i for i, style in enumerate(items) if style.join == '\n']
  long = [i for i in lines if len(items[i].before) > len(_ALPHABET)]
  eligible = (
    np.arange(len(items), dtype=np.int64),
    np.array(lines, np.int64),
    np.array(long, np.int64),
    np.array([i for i in lines if not _MARK.search(items[i].item)], np.int64),
  )
  return OptionStyles(
    tuple(raw['openings']), tuple(raw['closings']), tuple(items), eligible
  )


@dataclasses.dataclass(frozen=True, slots=True)
class Draws:
  """A style for each row: int64 [n] each.

  Attributes:
    opening, item, closing: indices into `styles()`.
    order: which of the `ORDERS` of labels.
  """

  opening: Int64s
  item: Int64s
  closing: Int64s
  order: Int64s


def draw_styles(streams: UInt64s, options: Sequence[tuple[str, ...]]) -> Draws:
  """Draws a style for each row that its options allow."""
  all_styles = styles()
  kinds: dict[tuple[str, ...], int] = {}
  kind = np.empty(len(options), np.int64)
  for i, row in enumerate(options):
    known = kinds.get(row)
    if known is None:
      known = kinds[row] = _kind(row)
    kind[i] = known
  bits = draw(streams, 1)
  item = np.empty(len(options), np.int64)
  for k, among in enumerate(all_styles.eligible):
    at = np.flatnonzero(kind == k)
    item[at] = among[below(bits[at], len(among))]
  return Draws(
    below(draw(streams, 0), len(all_styles.openings)),
    item,
    below(draw(streams, 2), len(all_styles.closings)),
    below(draw(streams, 3), ORDERS),
  )


def _kind(options: Sequence[str]) -> int:
  """Which of `OptionStyles.eligible` is for these options."""
  # Of all options at once: they differ from row to row.
  lines = '\n'.join(options)
  if _LIKE_A_MARK.search(lines):
    return 3
  # Roman numbers end at twenty, letters at twenty-six.
  if len(options) > len(_ROMAN):
    return 2
  long = max(map(len, options)) > _SHORT_CHARS or _LIKE_A_JOIN.search(lines)
  return 1 if long else 0


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


# So many orders of labels are drawn from: a multiple of the number of all
# orders of up to five labels.
ORDERS = 120


@functools.cache
def order_of_labels(count: int, order: int) -> tuple[int, ...]:
  """One of `ORDERS` permutations of `count` labels.

  For up to five labels, all permutations occur, equally often.

  >>> sorted({order_of_labels(3, order) for order in range(ORDERS)})[:2]
  [(0, 1, 2), (0, 2, 1)]
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
