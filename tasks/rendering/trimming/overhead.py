"""How many tokens a family's wordings take around the fields of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import functools

from ul2_flan.tasks.rendering.styles import option_styles
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.family import Family, FewShot, Template
from ul2_flan.tasks.rendering.templates.pattern import Pattern

# How many tokens each of some texts has.
CountTokens = Callable[[Sequence[str]], Sequence[int]]


class Wordings:
  """The wordings of a family that have a field, as to their length."""

  def __init__(
    self, family: Family, field: str, count_tokens: CountTokens
  ) -> None:
    """Counts the words of each.

    Args:
      field: the one that wordings are to have, such as a passage. It is not
        counted itself.
      count_tokens: how.
    """
    self._count = count_tokens
    wordings: list[Template | FewShot] = [*family.templates, *family.few_shot]
    patterns = [Pattern.of(_all_of(wording)) for wording in wordings]
    having = [p for p in patterns if field in p.fields]
    lengths = count_tokens([p.words for p in having])
    marks = max(count_tokens(_marks()))
    # A field may take a token more where it meets the words around it.
    self._wordings = [
      (
        n + marks + len(p.fields),
        [f for f in p.fields if f not in (field, 'options')],
        'options' in p.fields,
      )
      for n, p in zip(lengths, having, strict=True)
    ]
    self._longest = max((words for words, *_ in self._wordings), default=0)
    self._styles: dict[int, int] = {}

  def most(self, tokens: Mapping[str, int], options: int) -> int:
    """The most tokens that any of them takes, with a row's other fields.

    Args:
      tokens: of the row's other fields. A wording with a field that is not
        among them is not used for the row, and does not count.
      options: how many the row has; 0 if they are not to be shown.
    """
    shown = tokens['options'] + self._style(options) if options else 0
    return max(
      (
        words + sum(tokens[f] for f in fields) + (shown if shows else 0)
        for words, fields, shows in self._wordings
        if all(f in tokens for f in fields)
      ),
      default=0,
    )

  def words(self, options: int) -> int:
    """As `most`, of the words alone."""
    return self._longest + (self._style(options) if options else 0)

  def _style(self, options: int) -> int:
    """The most tokens that a style of so many options takes beside them."""
    if options not in self._styles:
      around, heads = map(self._count, _style_texts(options))
      self._styles[options] = max(around) + max(heads)
    return self._styles[options]


def _all_of(wording: Template | FewShot) -> str:
  """The text of an example and its answer, one after the other."""
  parts = [wording.inputs, wording.targets]
  if isinstance(wording, FewShot):
    parts = [
      wording.instruction,
      wording.input_prefix,
      wording.inputs,
      wording.target_prefix,
      wording.targets,
      wording.separator,
    ]
  return ' '.join(filter(None, parts))


@functools.cache
def _marks() -> list[str]:
  """What layouts have around a question and its answer."""
  return [
    f'{layout.prefix(99)} {layout.between} {layout.cue(99)} {layout.separator}'
    for layout in layouts()
  ]


@functools.cache
def _style_texts(options: int) -> tuple[list[str], list[str]]:
  """What styles have around so many options and an answer, and above them."""
  styles = option_styles.styles()
  around = {
    f'{item.show([""] * options)} {item.answers[:options][-1]}'
    for item in dict.fromkeys(styles.items)
    if len(item.before) >= options
  }
  heads = {
    f'{opening} {closing}'
    for opening in styles.openings
    for closing in styles.closings
  }
  return sorted(around), sorted(heads)
