"""Which templates of a family go with a setting, and a draw among them."""

from collections.abc import Sequence
import dataclasses
import functools
import re

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.form import Form, compile_form
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.setting import Setting
from ul2_flan.tasks.rendering.templates.template import (
  TK_INSTRUCT,
  FewShot,
  Template,
)
from ul2_flan.tasks.seeding import below, draw

_LETTER = re.compile('[A-Za-z]')


@dataclasses.dataclass(frozen=True, slots=True)
class Forms:
  """All forms that a task's instances may take in a setting.

  Attributes:
    forms: first those of the family's `templates`, then those of its
      `few_shot`.
    repeats: how many are of the first kind. If there are both kinds, each gets
      half of the examples.
  """

  forms: tuple[Form, ...]
  repeats: int

  def choose(self, streams: UInt64s, forward: Bools) -> Int64s:
    """Draws a form for each of n instances.

    Args:
      streams: uint64 [n], of which the draws use numbers 0 and 1.
      forward: bool [n], the instances that get no inverted form, unless all
        are. The draws of the others do not depend on it.

    Returns:
      int64 [n], indices into `forms`, uniform within each kind.
    """
    inverted = np.array([form.inverted for form in self.forms])
    every = np.arange(len(self.forms))
    chosen = self._draw(streams, every)
    if inverted.any() and not inverted.all():
      chosen[forward] = self._draw(streams[forward], every[~inverted])
    return chosen

  def _draw(self, streams: UInt64s, among: Int64s) -> Int64s:
    """As `choose`, among the forms with these indices."""
    bits = draw(streams, 0)
    # A family has some ten templates and two few-shot ones: drawn from all of
    # them, the few-shot ones would be rare.
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
  """Compiles the templates of a family that go with a setting.

  Args:
    family: the templates.
    setting: what they are for.
    fields: the fields that the instances have. A template that needs another
      is left out.
    exemplar_fields: the fields that all exemplars have, likewise.
    foreign: the instances bring instructions that are not in English, so that
      only templates without words go with them, if there are any.

  Raises:
    UserError: the family has no template for the setting.
  """
  # Of instances without options, both kinds of setting are the same.
  shown = setting.options and 'options' in fields
  mode = setting.reasoning or family.reasoning or 'direct'

  def compiled(
    kind: str, templates: Sequence[Template | FewShot]
  ) -> list[Form]:
    return [
      compile_form(
        f'{kind} {i}',
        template,
        options=shown,
        foreign=foreign,
        code=family.code,
      )
      for i, template in enumerate(templates)
      if fits(template, fields, setting, mode)
      and (_wordless(template) or not foreign)
      # Where options are not shown, they are taken out of exemplars too.
      and (
        not setting.few_shot
        or template.exemplar_fields - {'options'} <= exemplar_fields
      )
    ]

  repeats = family.repeat or not setting.few_shot
  repeated = compiled('template', family.templates) if repeats else []
  few_shot = compiled('few_shot', family.few_shot) if setting.few_shot else []
  if repeated or few_shot:
    return Forms((*repeated, *few_shot), len(repeated))
  # All templates have words: English ones are better than none.
  if foreign:
    return forms_of(family, setting, fields, exemplar_fields)
  raise UserError(
    f"family '{family.name}' has no template for the setting {setting} and "
    f'instances with the fields {sorted(fields)}'
  )


def _wordless(template: Template | FewShot) -> bool:
  """Whether a template has no words of its own."""
  return not any(
    _LETTER.search(Pattern.of(text).words) for text in template.texts
  )


def fits(
  template: Template | FewShot,
  fields: frozenset[str],
  setting: Setting,
  mode: str,
) -> bool:
  """Whether a template can be used.

  Where options are shown, it must show them, unless it is inverted. Where they
  are not, it must be able to do without. It may also say itself for which
  settings it is.

  Args:
    mode: 'cot' for templates with reasoning, 'direct' for those without, 'tk'
      for Tk-Instruct's.
  """
  if template.reasoning != (mode == 'cot'):
    return False
  if template.fields - fields - {'options'}:
    return False
  if mode == TK_INSTRUCT:
    return mode in template.settings
  if template.settings:
    return ('opt' if setting.options else 'noopt') in template.settings
  shows = '{options}' in template.inputs
  if setting.options and 'options' in fields:
    return shows or template.inverted
  return not (isinstance(template, Template) and template.options == 'needed')
