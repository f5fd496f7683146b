"""How google-research/FLAN writes options, turns and exemplars.

An import of its templates writes this to a file beside them, `released.toml`,
which a run `--as_released` uses in the place of our own styles.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import make, parse

# The file's name in a folder of templates.
RELEASED = 'released.toml'

# What TensorFlow's code takes for white space; Python's `strip` takes more.
SPACES = ' \t\n\v\f\r'

# FLAN's code has so many marks of a kind; with more options it fails.
MAX_MARKED = 26


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OptionStyle:
  """One way to list options.

  Attributes:
    opening: stands before the first option.
    marks: stand before option 0, 1, ...; each brings its own white space. One
      alone stands before all.
    ending: stands behind each option.
  """

  opening: str
  marks: tuple[str, ...]
  ending: str

  def show(self, options: Sequence[str], choice: int) -> tuple[str, str]:
    """Lists options, and returns the answer in the same style.

    The answer is its mark, without white space, where each option has a mark of
    its own; of options that differ in white space alone, the first one's.

    >>> style = OptionStyle(opening='Pick:', marks=(' a) ', ' b) '), ending=';')
    >>> style.show(['yes', 'no'], 1)
    ('Pick: a) yes; b) no;', 'b)')
    """
    marks = self.marks * len(options) if len(self.marks) == 1 else self.marks
    text = self.opening + ''.join(
      [m + o + self.ending for m, o in zip(marks, options, strict=False)]
    )
    if len(self.marks) == 1:
      return text, options[choice]
    alike = [option.strip(SPACES) for option in options]
    return text, marks[alike.index(alike[choice])].strip(SPACES)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TurnStyle:
  """One way to write the turns of a conversation, up to the mark of the next.

  Attributes:
    opening: stands before the first turn.
    marks: stand before turn 0, 1, ...; where there are more turns, the last two
      take turns.
    ending: stands behind each turn.
  """

  opening: str
  marks: tuple[str, ...]
  ending: str

  def show(self, turns: Sequence[str]) -> str:
    r"""Writes turns as one text.

    >>> style = TurnStyle(opening='Talk:', marks=('\nA: ', '\nB: '), ending='.')
    >>> style.show(['Hi', 'Hello', 'Bye'])
    'Talk:\nA: Hi.\nB: Hello.\nA: Bye.\nB: '
    """
    texts = [self._mark(i) + t + self.ending for i, t in enumerate(turns)]
    return self.opening + ''.join(texts) + self._mark(len(turns))

  def _mark(self, number: int) -> str:
    beyond = number - len(self.marks)
    return self.marks[number if beyond < 0 else -2 + beyond % 2]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Released:
  """The content of `released.toml`.

  Where one of several is drawn, it is drawn evenly: one that stands twice is
  drawn twice as often.

  Attributes:
    option_openings, option_items, option_endings: parts of styles of options
      where there are no exemplars; each is drawn by itself. An item has a mark
      for each of `MAX_MARKED` options, or one for all.
    dialog_openings, dialog_items, dialog_endings: likewise of turns.
    fixed_options, fixed_dialog: opening and marks where there are exemplars:
      there, nothing is drawn.
    exemplars: how many of the question's own template; one is drawn.
    mixed_exemplars: how many where each exemplar has a template of its own.
    mixed_separators: stand between these; one is drawn for a task.
    defined_exemplars: how many below an instruction, as NIv2's.
    max_tokens: of exemplars and question together.
    options_only: suites that have no settings without options.
  """

  option_openings: tuple[str, ...]
  option_items: tuple[tuple[str, ...], ...]
  option_endings: tuple[str, ...]
  dialog_openings: tuple[str, ...]
  dialog_items: tuple[tuple[str, ...], ...]
  dialog_endings: tuple[str, ...]
  fixed_options: tuple[str, ...]
  fixed_dialog: tuple[str, ...]
  exemplars: tuple[int, ...]
  mixed_exemplars: int
  mixed_separators: tuple[str, ...]
  defined_exemplars: int
  max_tokens: int
  options_only: tuple[str, ...]

  def __post_init__(self) -> None:
    for field in dataclasses.fields(self):
      if not getattr(self, field.name):
        raise UserError(f"'{field.name}' is empty")
    for marks in self.option_items:
      if len(marks) not in (1, MAX_MARKED):
        raise UserError(
          f'an item of options has 1 mark or {MAX_MARKED}, not {len(marks)}: '
          f'{marks}'
        )
    for marks in (*self.dialog_items, self.fixed_dialog[1:]):
      if len(marks) < 2:
        raise UserError(f'turns have two marks or more, not {marks}')

  @property
  def bullets(self) -> tuple[int, ...]:
    """The items of options that will do for any number of options."""
    items = enumerate(self.option_items)
    return tuple(i for i, marks in items if len(marks) == 1)

  def option_style(self, opening: int, item: int, ending: int) -> OptionStyle:
    """Returns the style of these parts."""
    return OptionStyle(
      opening=self.option_openings[opening],
      marks=self.option_items[item],
      ending=self.option_endings[ending],
    )

  def turn_style(self, opening: int, item: int, ending: int) -> TurnStyle:
    """Returns the style of these parts."""
    return TurnStyle(
      opening=self.dialog_openings[opening],
      marks=self.dialog_items[item],
      ending=self.dialog_endings[ending],
    )


@functools.lru_cache(maxsize=16)
def parse_released(text: str, where: str) -> Released:
  """Reads the file; `where` names it in messages.

  Raises:
    UserError: the text is not TOML, or breaks a rule.
  """
  return make(Released, parse(text, where), where)
