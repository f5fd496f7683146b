"""Turns one template of FLAN's into templates of ours.

FLAN has one table of templates for settings with options, and another for
settings without. We have one template for both, from which the options can be
removed. So where their two tables differ by the options alone, two templates of
theirs become one of ours; otherwise each becomes one.
"""

from collections.abc import Collection, Mapping, Sequence
import dataclasses
import re

from ul2_flan.tasks.flan_import.tables import Entry
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.template import KINDS, FewShot, Template

_FIELD = re.compile(r'\{(\w+)\}')
# What FLAN removes from a template for settings without options, in the order
# in which it tries them. The order matters: each removes all that is left.
_ZERO_SHOT_OPTIONS = (
  '\n\n{options_}', '\n{options_}', '{options_}', '\n\n{options_str}',
)  # fmt: skip
_FEW_SHOT_OPTIONS = (
  '\n\n{options_}', '\n{options_}', ' | {options_}', ' {options_}',
  ' ({options_})', '{options_}', '\n\n{options_str}', '\n{options_str}',
)  # fmt: skip


class UnmappedError(Exception):
  """A template of theirs needs something that our instances lack."""


@dataclasses.dataclass(frozen=True, slots=True)
class Translator:
  """Replaces their fields by ours, for one family.

  Attributes:
    family: the family of ours that the templates are for.
    fields: maps their fields to text with our fields in braces. Fields of the
      same name need no entry.
    further: fields that the task has for their templates alone.
    phrases: maps text of theirs to other text of theirs, which replaces it
      before fields are looked at.
  """

  family: Family
  fields: Mapping[str, str]
  phrases: Mapping[str, str]
  further: Collection[str] = ()

  def __call__(self, text: str) -> str:
    """Returns their text with our fields in it.

    Raises:
      UnmappedError: it has a field that our instances lack.
    """
    for theirs, other in self.phrases.items():
      text = text.replace(theirs, other)
    # Text, field, text, ..., text. Their text has braces that are no fields.
    parts = _FIELD.split(text)
    parts[::2] = [p.replace('{', '{{').replace('}', '}}') for p in parts[::2]]
    parts[1::2] = [self._field(name) for name in parts[1::2]]
    return ''.join(parts)

  def _field(self, name: str) -> str:
    if name in self.fields:
      return self.fields[name]
    # Such as `options_`, `options_str` and `dialog_`.
    plain = name.removesuffix('_str').rstrip('_')
    if plain not in (*self.family.fields, *self.further):
      raise UnmappedError(f"instances have no '{name}'")
    return f'{{{plain}}}'

  def inverted(self, targets: str) -> bool:
    """Whether targets, in our fields, are not what the family's tasks ask."""
    asked = {
      field
      for template in self.family.templates
      if not template.inverted
      for field in Pattern.of(template.targets).fields
    }
    return not set(Pattern.of(targets).fields) <= asked

  def reasoning(self, targets: str) -> bool:
    """Whether targets hold the reasoning, in a family that can do without."""
    return bool(self.family.reasoning) and '{rationale}' in targets


def template(
  shown: Entry, translate: Translator, left_out: set[tuple[str, str]]
) -> Template:
  """Makes our template of one of theirs for settings with options.

  Args:
    shown: their template.
    translate: to the fields of our family.
    left_out: inputs and targets of their templates for settings without
      options, as `without_options` returns them. Where ours without its options
      is among them, it serves both kinds of settings.

  Raises:
    UnmappedError: it needs something that our instances lack.
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
  """Returns inputs and targets of theirs, in our fields, without options."""
  inputs = _removed(entry.text('inputs'), _ZERO_SHOT_OPTIONS)
  return translate(inputs), translate(entry.text('targets'))


def bare(template: Template) -> tuple[str, str] | None:
  """Returns inputs and targets of our template without its options.

  Returns:
    None if it is only for settings with options.
  """
  if template.settings == KINDS[:1]:
    return None
  inputs = Pattern.of(template.inputs).without_options().text
  return inputs, template.targets


def template_without_options(
  inputs: str, targets: str, translate: Translator
) -> Template:
  """Makes a template that is only for settings without options."""
  return Template(
    inputs=inputs,
    targets=targets,
    inverted=translate.inverted(targets),
    reasoning=translate.reasoning(targets),
    settings=KINDS[1:],
  )


def few_shot(entry: Entry, translate: Translator) -> list[FewShot]:
  """Makes our few-shot templates of one of theirs.

  Returns:
    one for all settings; or two, with options and without, where removing the
    options from ours gives another text than FLAN makes.

  Raises:
    UnmappedError: it needs something that our instances lack.
  """
  targets = translate(entry.text('targets'))
  inputs = translate(entry.text('inputs'))
  bare = translate(_removed(entry.text('inputs'), _FEW_SHOT_OPTIONS))
  both = Pattern.of(inputs).without_options().text == bare
  instruction, end = _instruction(entry)
  form = FewShot(
    inputs=inputs,
    targets=targets,
    instruction=translate(instruction),
    instruction_end=end,
    mixed=bool(entry.values.get('in_template_mix')) and not instruction,
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
  """Makes a few-shot template of one whose exemplar is an instance's field.

  NIv2's instances bring an example of their own, so no exemplar is drawn.
  """
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
  """Returns a template's `settings`: () where our own rule is right.

  Args:
    both: whether FLAN has the same template, but for the options, in settings
      without options.
  """
  if not both:
    return KINDS[:1]
  fits = '{options}' in inputs or translate.inverted(targets)
  return () if fits or not translate.family.has_options else KINDS


def _removed(text: str, parts: Sequence[str]) -> str:
  for part in parts:
    text = text.replace(part, '')
  return text


def _instruction(entry: Entry) -> tuple[str, str]:
  """Returns the text above all exemplars, and the white space below it.

  Their pattern is formatted twice, hence its doubled braces:
  `{{Definition}}: {{inputs}}`.

  Raises:
    UnmappedError: the pattern has text after the question too.
  """
  suffix = entry.text('final_suffix')
  text = entry.text('input_pattern').replace('{final_suffix}', suffix)
  text = text.replace('{{', '{').replace('}}', '}')
  before, _, after = text.partition('{inputs}')
  if after:
    raise UnmappedError('text after the question')
  text = before.rstrip()
  return text.lstrip(), before[len(text) :]
