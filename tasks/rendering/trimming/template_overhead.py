"""Counts the tokens that a family's templates put around one field."""

from collections.abc import Callable, Mapping, Sequence
import functools

from ul2_flan.tasks.rendering.styles import option_styles
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.template import FewShot, Template

# Texts to how many tokens each of them has.
CountTokens = Callable[[Sequence[str]], Sequence[int]]


class TemplateOverhead:
  """The most tokens that the templates of a family take beside a field.

  The counts are upper bounds: of the longest template, layout and style of
  options that an instance may get.
  """

  def __init__(
    self, family: Family, field: str, count_tokens: CountTokens
  ) -> None:
    """Counts the words of each template.

    Args:
      family: the templates.
      field: the one that is to be shortened, such as a passage. Templates
        without it do not matter, and it is not counted itself.
      count_tokens: counts the tokens of texts.
    """
    self._count = count_tokens
    templates: list[Template | FewShot] = [*family.templates, *family.few_shot]
    patterns = [Pattern.of(_all_of(template)) for template in templates]
    having = [p for p in patterns if field in p.fields]
    lengths = count_tokens([p.words for p in having])
    marks = max(count_tokens(_layout_marks()))
    # The most words of templates by their other fields and whether they show
    # options: a family's are mostly of one or two kinds.
    self._words: dict[tuple[tuple[str, ...], bool], int] = {}
    for length, pattern in zip(lengths, having, strict=True):
      kind = (
        tuple(sorted(f for f in pattern.fields if f not in (field, 'options'))),
        'options' in pattern.fields,
      )
      # A field may take a token more where it meets the words around it.
      words = length + marks + len(pattern.fields)
      self._words[kind] = max(words, self._words.get(kind, 0))
    self._longest = max(self._words.values(), default=0)
    self._styles: dict[int, int] = {}

  def most(self, tokens: Mapping[str, int], options: int) -> int:
    """Returns the most tokens that a template takes with the other fields.

    Args:
      tokens: the instance's other fields to how many tokens each has. A
        template with a field that is not among them does not count: the
        instance cannot get it.
      options: how many options the instance has; 0 if none are to be shown.
    """
    shown = tokens['options'] + self._style(options) if options else 0
    most = 0
    for (fields, shows), words in self._words.items():
      if all(map(tokens.__contains__, fields)):
        taken = words + sum(map(tokens.__getitem__, fields))
        most = max(most, taken + (shown if shows else 0))
    return most

  def words(self, options: int) -> int:
    """As `most`, of the templates' words and the marks of options alone."""
    return self._longest + (self._style(options) if options else 0)

  def _style(self, options: int) -> int:
    """Returns the most tokens that a style takes beside so many options."""
    if options not in self._styles:
      around, heads = map(self._count, _style_marks(options))
      self._styles[options] = max(around) + max(heads)
    return self._styles[options]


# Few: tasks of a family follow one another, and each keeps a vocabulary.
@functools.lru_cache(maxsize=4)
def overhead_of(
  family: Family, field: str, count_tokens: CountTokens
) -> TemplateOverhead:
  """Returns a family's overhead, counted once; see `TemplateOverhead`."""
  return TemplateOverhead(family, field, count_tokens)


def _all_of(template: Template | FewShot) -> str:
  """Returns the text of an example and its answer, one after the other."""
  separator = template.separator if isinstance(template, FewShot) else ''
  return ' '.join(filter(None, (*template.texts, separator)))


@functools.cache
def _layout_marks() -> list[str]:
  """Returns what each layout puts around a question and its answer."""
  # No example has more exemplars than two digits count.
  return [
    f'{layout.prefix(99)} {layout.between} {layout.cue(99)} {layout.separator}'
    for layout in layouts()
  ]


@functools.cache
def _style_marks(options: int) -> tuple[list[str], list[str]]:
  """Returns what styles put around so many options and an answer, and above."""
  styles = option_styles.styles()
  around = {
    item.marks(options)
    for item in dict.fromkeys(styles.items)
    if len(item.before) >= options
  }
  heads = {
    f'{opening} {closing}'
    for opening in styles.openings
    for closing in styles.closings
  }
  return sorted(around), sorted(heads)
