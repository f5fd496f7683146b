"""The forms of imported templates, and which examples have mixed ones."""

import pytest
from support.flan.released import imported, pairs, renderer

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import Pool, Setting
from ul2_flan.tasks.rendering.released.forms import released_forms


@pytest.mark.parametrize(
  ('setting', 'labels'),
  [
    ('fs_opt', ['few_shot 0', 'few_shot 2', 'mixed 0', 'mixed 2']),
    ('fs_noopt', ['few_shot 1', 'few_shot 3']),
  ],
)
def test_templates_are_mixed_where_options_are_shown(
  setting: str, labels: list[str]
) -> None:
  instances = pairs(3)
  of = renderer(setting)
  forms = of.forms(instances, Pool.of(of.family, instances))
  found = [form.label for form in forms.forms]
  assert [label.split()[0] for label in found] == [
    label.split()[0] for label in labels
  ]
  assert len(found) - forms.repeats == sum('mixed' in label for label in labels)


def test_nothing_of_a_layout_is_left_to_draw() -> None:
  instances = pairs(3)
  of = renderer('fs_noopt')
  forms = of.forms(instances, Pool.of(of.family, instances)).forms
  assert forms[0].inputs.text == 'Q: {premise} | {hypothesis}\n\nA: '
  assert forms[0].separator == '\n==\n'
  # That of FLAN's class, where a pattern has none of its own.
  assert forms[1].inputs.text == '{premise}\n\n'
  assert forms[1].separator == '\n\n\n'


def test_niv2_keeps_the_white_space_below_its_definition() -> None:
  family = imported().family(
    catalog.load('niv2:task001_quoref_question_generation')
  )
  fields = frozenset(family.fields)
  forms = released_forms(family, Setting.parse('fs_opt'), fields, fields)
  with_pool, alone = forms.forms
  assert with_pool.instruction is not None
  assert with_pool.instruction.text == 'Do: {definition}\n'
  assert (with_pool.exemplars, alone.exemplars) == (-1, 0)
  assert alone.inputs.text.endswith('({explanation}). {input}')
  with pytest.raises(UserError, match="no template of google-research/FLAN's"):
    released_forms(family, Setting.parse('fs_opt'), frozenset(), fields)
