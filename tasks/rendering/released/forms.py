"""The forms that FLAN's released code gives instances in a setting."""

from collections.abc import Iterator, Sequence
import dataclasses
import functools

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.form import Form, compile_form
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.setting import Setting
from ul2_flan.tasks.rendering.templates.template import FewShot, Template
from ul2_flan.tasks.rendering.templates.template_choice import Forms, fits


@functools.lru_cache(maxsize=256)
def released_forms(
  family: Family,
  setting: Setting,
  fields: frozenset[str],
  exemplar_fields: frozenset[str],
) -> Forms:
  """Compiles the imported templates of a family that go with a setting.

  Args:
    family: the templates, imported from google-research/FLAN.
    setting: what they are for.
    fields: the fields that the instances have. A template that needs another
      is left out.
    exemplar_fields: the fields that all exemplars have, likewise.

  Returns:
    with exemplars of the question's own template: 'few_shot 0'; and, where
    options are shown, half the examples with exemplars of mixed templates:
    'mixed 0', whose separator is None.

  Raises:
    UserError: the family has no template for the setting.
  """
  shown = setting.options and 'options' in fields
  mode = setting.reasoning or family.reasoning or 'direct'

  def fitting(
    templates: Sequence[Template | FewShot],
  ) -> Iterator[tuple[int, Template | FewShot]]:
    for i, template in enumerate(templates):
      if fits(template, fields, setting, mode):
        yield i, template

  forms: list[Form] = []
  mixed: list[Form] = []
  if not setting.few_shot:
    for i, template in fitting(family.templates):
      label = f'template {i}'
      forms.append(
        compile_form(
          label, template, options=shown, foreign=False, code=family.code
        )
      )
  else:
    for i, template in fitting(family.few_shot):
      assert isinstance(template, FewShot)
      if template.exemplar_fields - {'options'} <= exemplar_fields:
        form = _few_shot(f'few_shot {i}', template, shown)
        forms.append(form)
        if template.mixed and setting.options:
          mixed.append(
            dataclasses.replace(form, label=f'mixed {i}', separator=None)
          )
  if not forms:
    raise UserError(
      f"family '{family.name}' has no template of google-research/FLAN's for "
      f'the setting {setting} and instances with the fields {sorted(fields)}'
    )
  return Forms((*forms, *mixed), len(forms))


def _few_shot(label: str, template: FewShot, options: bool) -> Form:
  """Compiles a few-shot template; nothing of its layout is left to draw."""
  inputs = Pattern.of(template.inputs)
  if not options:
    inputs = inputs.without_options()
  text = inputs.text
  if template.exemplars:
    text = template.input_prefix + text
    text += template.between + template.target_prefix
  instruction = template.instruction + template.instruction_end
  return Form(
    label=label,
    inputs=Pattern.of(text),
    targets=Pattern.of(template.targets),
    instruction=Pattern.of(instruction) if template.instruction else None,
    inverted=template.inverted,
    shows_options='options' in inputs.fields,
    exemplars=template.exemplars,
    separator=template.separator,
    look=0,
  )
