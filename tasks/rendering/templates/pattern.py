"""Text with fields in braces, which is filled in for a whole column at a time.

A pattern is compiled once into a `%` format; to fill it for one instance is
then one C call, a third of a microsecond, whatever the number of fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import functools
import re

from ul2_flan.tasks.errors import UserError

# A doubled brace, a field, or a brace that is a mistake.
_PART = re.compile(r'\{\{|\}\}|\{(\w+)\}|[{}]')
# The start of a field right after a character, or its end right before one.
_ABUTTING = re.compile(r'(?<=\S)(?=\{\w+\})|(?<=\{)\w+\}(?=\S)')
# The options and the white space that sets them off from the text before.
_OPTIONS = re.compile(r'\s*\{options\}')


@dataclasses.dataclass(frozen=True)
class Pattern:
  """A compiled pattern.

  Attributes:
    text: the pattern as written: `{field}` for a field, `{{` for a brace.
    fields: the fields in the order they occur, repetitions included.
    format: the same text for Python's `%` operator.

  >>> Pattern.of('{a} is {{{b}}}').fill({'a': ['x', 'y'], 'b': ['1', '2']}, 2)
  ['x is {1}', 'y is {2}']
  """

  text: str
  fields: tuple[str, ...]
  format: str

  @classmethod
  @functools.cache
  def of(cls, text: str) -> Pattern:
    """Compiles a pattern.

    Raises:
      UserError: a brace is neither doubled nor part of a field.
    """
    fields: list[str] = []

    def part(match: re.Match[str]) -> str:
      if match[1]:
        fields.append(match[1])
        return '%s'
      if match[0] in ('{{', '}}'):
        return match[0][0]
      raise UserError(
        f"a single '{match[0]}' in {text!r}: a field is {{name}}, and a brace "
        'that is meant is doubled'
      )

    format_ = _PART.sub(part, text.replace('%', '%%'))
    return cls(text, tuple(fields), format_)

  def fill(self, columns: Mapping[str, Sequence[str]], count: int) -> list[str]:
    """Returns `count` texts, filled in from columns of as many values."""
    if not self.fields:
      return [self.format % ()] * count
    # `%` takes a tuple: one for each row of the columns.
    filled = zip(*(columns[f] for f in self.fields), strict=True)
    return list(map(self.format.__mod__, filled))

  @property
  def words(self) -> str:
    """The text without its fields."""
    return self.format % (('',) * len(self.fields))

  @functools.cached_property
  def abutting(self) -> int:
    """How many sides of fields directly touch a word or a mark.

    >>> Pattern.of('{a} and "{b}"').abutting
    2
    """
    return len(_ABUTTING.findall(self.text))

  def without_options(self) -> Pattern:
    """Returns the pattern without the options and the space before them.

    >>> Pattern.of('Which?{options} Say.').without_options().text
    'Which? Say.'
    """
    bare = _OPTIONS.sub('', self.text)
    return self if bare == self.text else Pattern.of(bare.strip())
