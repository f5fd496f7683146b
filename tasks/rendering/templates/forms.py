"""The forms an example can take: a family's wordings that fit a setting."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools
import re

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.styles.layout_choice import Look
from ul2_flan.tasks.rendering.templates.family import Family, FewShot, Template
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.setting import Setting
from ul2_flan.tasks.seeding import below, draw

_LETTER = re.compile('[A-Za-z]')


# Compared by identity: forms are made once.
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
  """A wording, compiled for one setting.

  Attributes:
    label: names it in provenance: 'template 3', 'few_shot 0'.
    inputs: a question, with its own prefix and with the cue for its answer.
    targets: an answer.
    instruction: what stands above the exemplars; None for nothing.
    inverted: asks for something else than the family's task does.
    shows_options: the options are shown, and the answer takes their form.
    exemplars: how many; -1 if that is drawn.
    join: between a question and its answer; None if the layout says so.
    separator: between exemplars; None if the layout says so.
    look: what a layout of exemplars has to go with, of `Look`.
    asks_to_choose: its words do, so the style of its options does not.
  """

  label: str
  inputs: Pattern
  targets: Pattern
  instruction: Pattern | None = None
  inverted: bool = False
  shows_options: bool = False
  exemplars: int = -1
  join: str | None = None
  separator: str | None = None
  look: int
  asks_to_choose: bool = False

  @property
  def abutting(self) -> int:
    """How often a field of it stands directly beside its words."""
    return self.inputs.abutting + self.targets.abutting

  @property
  def fields(self) -> frozenset[str]:
    """The fields of a question and its answer."""
    return frozenset(self.inputs.fields + self.targets.fields)


@dataclasses.dataclass(frozen=True, slots=True)
class Forms:
  """All forms that a task's rows may take in a setting.

  Attributes:
    forms: first those of the family's templates, then those of its `few_shot`.
    repeats: the number of the first kind. If there are both kinds, each gets
      half of the examples.
  """

  forms: tuple[Form, ...]
  repeats: int

  def choose(self, streams: UInt64s, forward: Bools) -> Int64s:
    """Draws one for each row: int64 [n], indices into `forms`.

    Args:
      streams: uint64 [n].
      forward: bool [n], the rows that get none which is inverted, unless all
        are. The other rows' draws do not depend on it.
    """
    inverted = np.array([form.inverted for form in self.forms])
    every = np.arange(len(self.forms))
    chosen = self._draw(streams, every)
    if inverted.any() and not inverted.all():
      chosen[forward] = self._draw(streams[forward], every[~inverted])
    return chosen

  def _draw(self, streams: UInt64s, among: Int64s) -> Int64s:
    """As `choose`, for indices of forms."""
    bits = draw(streams, 0)
    first, second = among[among < self.repeats], among[among >= self.repeats]
    if not (len(first) and len(second)):
      return among[below(bits, len(among))]
    return np.where(
      below(draw(streams, 1), 2) == 0,
      first[below(bits, len(first))],
      second[below(bits, len(second))],
    )


@functools.lru_cache(maxsize=256)
def forms_of(
  family: Family,
  setting: Setting,
  fields: frozenset[str],
  exemplar_fields: frozenset[str],
  foreign: bool = False,
) -> Forms:
  """The forms of a family for a setting.

  Args:
    fields: those that the rows have. A wording that needs another is left out.
    exemplar_fields: those that the rows of the pool have, likewise.
    foreign: the rows' instructions are not in English, so that no English words
      go with them; unless there is no wording without.

  Raises:
    UserError: the family has no wording for the setting.
  """
  shown = setting.options and 'options' in fields
  mode = setting.reasoning or family.reasoning or 'direct'

  def fitting(kind: str, wordings: Sequence[Template | FewShot]) -> list[Form]:
    return [
      _form(f'{kind} {i}', wording, shown, family, foreign)
      for i, wording in enumerate(wordings)
      if _fits(wording, fields, setting, mode)
      and (_wordless(wording) or not foreign)
      and (
        not setting.few_shot
        or _exemplar_fields(wording) - {'options'} <= exemplar_fields
      )
    ]

  repeats = family.repeat or not setting.few_shot
  repeated = fitting('template', family.templates) if repeats else []
  own = fitting('few_shot', family.few_shot) if setting.few_shot else []
  if foreign and not (repeated or own):
    return forms_of(family, setting, fields, exemplar_fields)
  if not (repeated or own):
    raise _no_wording(family, setting, fields)
  return Forms((*repeated, *own), len(repeated))


def _no_wording(
  family: Family, setting: Setting, fields: frozenset[str]
) -> UserError:
  return UserError(
    f"family '{family.name}' has no wording for the setting {setting} and "
    f'rows with the fields {sorted(fields)}'
  )


def _exemplar_fields(wording: Template | FewShot) -> frozenset[str]:
  """The fields that a wording needs of an exemplar."""
  if isinstance(wording, FewShot):
    return wording.exemplar_fields
  return wording.fields


def _wordless(wording: Template | FewShot) -> bool:
  """Whether a wording has no words of its own."""
  texts = [wording.inputs, wording.targets]
  if isinstance(wording, FewShot):
    prefixes = (wording.input_prefix, wording.target_prefix)
    texts += [wording.instruction, *prefixes]
  return not any(_LETTER.search(Pattern.of(text).words) for text in texts)


def _fits(
  wording: Template | FewShot,
  fields: frozenset[str],
  setting: Setting,
  mode: str,
) -> bool:
  """Whether a wording can be used.

  Where options are shown, a wording shows them, unless it is inverted. Where
  they are not, it must be able to do without. A wording may also say for which
  settings it is.
  """
  if wording.reasoning != (mode == 'cot'):
    return False
  if wording.fields - fields - {'options'}:
    return False
  if wording.settings:
    return ('opt' if setting.options else 'noopt') in wording.settings
  shows = '{options}' in wording.inputs
  if setting.options and 'options' in fields:
    return shows or wording.inverted
  return not (isinstance(wording, Template) and wording.options == 'needed')


def _form(
  label: str,
  wording: Template | FewShot,
  shown: bool,
  family: Family,
  foreign: bool,
) -> Form:
  """Compiles a wording."""
  inputs = Pattern.of(wording.inputs)
  if not shown:
    inputs = inputs.without_options()
  instruction, exemplars = None, -1
  join: str | None = None
  separator: str | None = None
  if isinstance(wording, FewShot):
    exemplars = wording.exemplars
    if wording.instruction:
      instruction = Pattern.of(wording.instruction)
    separator = wording.separator or None
    if wording.own_layout:
      between = wording.between if wording.target_prefix else ''
      inputs = Pattern.of(
        wording.input_prefix + inputs.text + between + wording.target_prefix
      )
      join = '' if wording.target_prefix else wording.between
  elif inputs.text.endswith(':'):
    join = '\n' if family.code else ' '
  own = isinstance(wording, FewShot) and join is not None
  return Form(
    label=label,
    inputs=inputs,
    targets=Pattern.of(wording.targets),
    instruction=instruction,
    inverted=wording.inverted,
    shows_options='options' in inputs.fields,
    exemplars=exemplars,
    join=join,
    separator=separator,
    look=_look(inputs, own, foreign, family.code),
    asks_to_choose=_asks_to_choose(wording, inputs),
  )


def _asks_to_choose(wording: Template | FewShot, inputs: Pattern) -> bool:
  """Whether the words do so, before the options or after them."""
  needed = isinstance(wording, Template) and wording.options == 'needed'
  return needed or not inputs.text.endswith('{options}')


def _look(inputs: Pattern, own: bool, foreign: bool, code: bool) -> int:
  """What is known of the examples of a form; the rest is seen in their text."""
  look = Look(0)
  for flag, on in (
    (Look.OWN, own),
    (Look.WORDLESS, foreign),
    (Look.OPTIONS, 'options' in inputs.fields),
    (Look.TURNS, 'dialog' in inputs.fields),
  ):
    look |= flag if on else 0
  # Code loses its shape after a prefix in the same line.
  if code:
    look |= Look.BLOCK
    if inputs.text.startswith('{'):
      look |= Look.LABEL
  return int(look)
