"""One wording of FLAN's to wordings of ours.

FLAN has a table for each kind of setting where we have one wording for both,
from which the options can be taken away. So a wording of theirs becomes one of
ours where the two tables differ by the options alone, and else one for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import re

from ul2_flan.tasks.flan_import.tables import Entry
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.template import KINDS, FewShot, Template

_FIELD = re.compile(r'\{(\w+)\}')
# What FLAN takes out of a wording for a setting without options: in the order
# that it tries them, which matters.
_ZERO_SHOT_OPTIONS = (
  '\n\n{options_}', '\n{options_}', '{options_}', '\n\n{options_str}',
)  # fmt: skip
_FEW_SHOT_OPTIONS = (
  '\n\n{options_}', '\n{options_}', ' | {options_}', ' {options_}',
  ' ({options_})', '{options_}', '\n\n{options_str}', '\n{options_str}',
)  # fmt: skip


class UnmappedError(Exception):
  """A wording needs something that our rows have not got."""


@dataclasses.dataclass(frozen=True, slots=True)
class Translator:
  """Their fields to ours, for one family.

  Attributes:
    family: ours.
    fields: their names to text with our fields.
    phrases: their text to text of theirs, replaced first.
  """

  family: Family
  fields: Mapping[str, str]
  phrases: Mapping[str, str]

  def __call__(self, text: str) -> str:
    """Their text with our fields.

    Raises:
      UnmappedError: it has a field that our rows have not got.
    """
    for theirs, other in self.phrases.items():
      text = text.replace(theirs, other)
    parts = _FIELD.split(text)
    parts[::2] = [p.replace('{', '{{').replace('}', '}}') for p in parts[::2]]
    parts[1::2] = [self._field(name) for name in parts[1::2]]
    return ''.join(parts)

  def _field(self, name: str) -> str:
    if name in self.fields:
      return self.fields[name]
    plain = name.removesuffix('_str').rstrip('_')
    if plain not in self.family.fields:
      raise UnmappedError(f"rows have no '{name}'")
    return f'{{{plain}}}'

  def inverted(self, targets: str) -> bool:
    """Whether these targets, of ours, are not what the family's task asks."""
    asked = {
      field
      for template in self.family.templates
      if not template.inverted
      for field in Pattern.of(template.targets).fields
    }
    return not set(Pattern.of(targets).fields) <= asked

  def reasoning(self, targets: str) -> bool:
    """Whether they have the reasoning, where that may be left out."""
    return bool(self.family.reasoning) and '{rationale}' in targets


def template(
  shown: Entry, translate: Translator, left_out: set[tuple[str, str]]
) -> Template:
  """The template of a wording for settings with options.

  Args:
    shown: the wording.
    translate: for its family.
    left_out: the wordings for settings without options, as `without_options`
      gives them.
  """
  inputs = translate(shown.text('inputs'))
  targets = translate(shown.text('targets'))
  bare = Pattern.of(inputs).without_options().text
  both = (bare, targets) in left_out
  return Template(
    inputs=inputs,
    targets=targets,
    inverted=translate.inverted(targets),
    reasoning=translate.reasoning(targets),
    settings=_settings(inputs, targets, translate, both),
  )


def without_options(entry: Entry, translate: Translator) -> tuple[str, str]:
  """Inputs and targets of a wording, in our form, for no options."""
  inputs = _removed(entry.text('inputs'), _ZERO_SHOT_OPTIONS)
  return translate(inputs).strip(), translate(entry.text('targets'))


def bare(template: Template) -> tuple[str, str] | None:
  """What a template stands for without options; None if for nothing."""
  if template.settings == KINDS[:1]:
    return None
  inputs = Pattern.of(template.inputs).without_options().text
  return inputs, template.targets


def template_without_options(
  inputs: str, targets: str, translate: Translator
) -> Template:
  """The template of a wording that none with options stands for."""
  return Template(
    inputs=inputs,
    targets=targets,
    inverted=translate.inverted(targets),
    reasoning=translate.reasoning(targets),
    settings=KINDS[1:],
  )


def few_shot(entry: Entry, translate: Translator) -> list[FewShot]:
  """The forms of a few-shot wording: one, or one for each kind of setting."""
  targets = translate(entry.text('targets'))
  inputs = translate(entry.text('inputs'))
  bare = translate(_removed(entry.text('inputs'), _FEW_SHOT_OPTIONS))
  both = Pattern.of(inputs).without_options().text == bare.strip()
  form = FewShot(
    inputs=inputs,
    targets=targets,
    instruction=translate(_instruction(entry)),
    input_prefix=translate(entry.text('inputs_prefix')),
    target_prefix=translate(entry.text('targets_prefix')),
    between=translate(entry.text('x_y_delimiter')),
    separator=translate(entry.text('example_separator')),
    inverted=translate.inverted(targets),
    reasoning=translate.reasoning(targets),
    settings=_settings(inputs, targets, translate, both),
  )
  if both:
    return [form]
  return [form, dataclasses.replace(form, inputs=bare, settings=('noopt',))]


def with_example(entry: Entry, translate: Translator) -> FewShot:
  """The form of a wording that has its one example in itself."""
  targets = translate(entry.text('targets'))
  return FewShot(
    inputs=translate(entry.text('inputs')),
    targets=targets,
    exemplars=0,
    separator='\n\n',
    inverted=translate.inverted(targets),
    reasoning=translate.reasoning(targets),
  )


def _settings(
  inputs: str, targets: str, translate: Translator, both: bool
) -> tuple[str, ...]:
  """Which settings a wording is for, where our own rule would differ."""
  if not both:
    return KINDS[:1]
  fits = '{options}' in inputs or translate.inverted(targets)
  return () if fits or not translate.family.has_options else KINDS


def _removed(text: str, options: Sequence[str]) -> str:
  for part in options:
    text = text.replace(part, '')
  return text


def _instruction(entry: Entry) -> str:
  """What stands above all exemplars.

  Theirs is a format of a format, such as `{{Definition}}: {{inputs}}`.
  """
  suffix = entry.text('final_suffix')
  text = entry.text('input_pattern').replace('{final_suffix}', suffix)
  text = text.replace('{{', '{').replace('}}', '}')
  before, _, after = text.partition('{inputs}')
  if after:
    raise UnmappedError('text after the question')
  return before.strip()
