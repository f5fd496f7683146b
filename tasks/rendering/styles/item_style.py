"""How one option after another is marked, and the answer that matches."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import re

# Twenty are as many as anyone reads.
ROMAN = (
  *('I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'),
  *('XI', 'XII', 'XIII', 'XIV', 'XV', 'XVI', 'XVII', 'XVIII', 'XIX', 'XX'),
)
LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
# What a field of `item` and `answer` in the TOML file stands for, option by
# option.
_MARKS: dict[str, Sequence[str]] = {
  'A': LETTERS,
  'a': LETTERS.lower(),
  '1': [str(i) for i in range(1, 1000)],
  'I': ROMAN,
  'i': [r.lower() for r in ROMAN],
}
_MARK = re.compile(r'\{([Aa1Ii])\}')


@dataclasses.dataclass(frozen=True, slots=True)
class ItemStyle:
  """How options are marked and joined.

  Attributes:
    item, answer, join: as `option_styles.toml` explains them.
    before: the text before option 0, 1, ...
    answers: the answer if it is option 0, 1, ..., without the option's text.
    marked: whether an item has a letter or a number.
    text_in_answer: whether the option's own text ends the answer.
  """

  item: str
  answer: str
  join: str
  before: tuple[str, ...]
  answers: tuple[str, ...]
  marked: bool
  text_in_answer: bool

  @classmethod
  def of(cls, item: str, answer: str, join: str = '\n') -> ItemStyle:
    """Spells out the marks of an item and of the answer that goes with it."""
    # An item has one kind of mark at most; without, as after a bullet, any
    # number of options will do.
    kinds = {match[1] for match in _MARK.finditer(item)}
    marks = _MARKS[next(iter(kinds))] if kinds else [''] * 999
    return cls(
      item,
      answer,
      join,
      tuple(_MARK.sub(m, item).removesuffix('{text}') for m in marks),
      tuple(_MARK.sub(m, answer).removesuffix('{text}') for m in marks),
      bool(kinds),
      answer.endswith('{text}'),
    )

  def show(self, options: Sequence[str]) -> str:
    r"""Lists options.

    >>> ItemStyle.of('({A}) {text}', '({A})').show(['yes', 'no'])
    '(A) yes\n(B) no'
    """
    items = zip(self.before, options, strict=False)
    return self.join.join([mark + option for mark, option in items])

  def marks(self, count: int) -> str:
    r"""Returns all that stands around so many options and an answer.

    The answer is that of the last option.

    >>> ItemStyle.of('({A}) {text}', '({A})').marks(2)
    '(A) \n(B)  (B)'
    """
    return f'{self.show([""] * count)} {self.answers[:count][-1]}'
