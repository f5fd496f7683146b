"""Templates say which fields they need, and refuse what contradicts itself."""

from typing import Any

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.template import FewShot, Template


def test_fields_are_those_of_all_its_texts() -> None:
  template = Template(inputs='{a} {b}{options}', targets='{answer} {a}')
  assert template.fields == {'a', 'b', 'options', 'answer'}
  assert template.exemplar_fields == template.fields


def test_an_exemplar_needs_no_field_that_only_the_instruction_has() -> None:
  template = FewShot(
    inputs='{a}', targets='{b}', instruction='{a} {c}', input_prefix='{d}: '
  )
  assert template.fields == {'a', 'b', 'c', 'd'}
  assert template.exemplar_fields == {'a', 'b', 'd'}


def test_a_template_with_its_example_in_itself_needs_no_exemplar() -> None:
  template = FewShot(inputs='{a}', targets='{b}', exemplars=0)
  assert template.exemplar_fields == frozenset()


@pytest.mark.parametrize(
  ('part', 'own'),
  [
    ({}, False),
    ({'between': ' '}, False),
    ({'instruction': 'Go on.'}, False),
    ({'input_prefix': 'Q: '}, True),
    ({'target_prefix': 'A: '}, True),
    ({'separator': '\n'}, True),
  ],
)
def test_prefixes_and_separators_make_a_layout_of_its_own(
  part: dict[str, Any], own: bool
) -> None:
  assert FewShot(inputs='{a}', targets='{b}', **part).own_layout == own


@pytest.mark.parametrize(
  ('part', 'message'),
  [
    ({'options': 'neded'}, "unknown options 'neded'. Did you mean 'needed'"),
    ({'options': 'needed'}, 'its inputs do not show them'),
    ({'settings': ('op',)}, "unknown kind of setting 'op'. Did you mean 'opt'"),
  ],
)
def test_mistakes_are_named(part: dict[str, Any], message: str) -> None:
  with pytest.raises(UserError) as error:
    Template(inputs='{a}', targets='{b}', **part)
  assert message in str(error.value)
