"""The table names tasks, families and fields that there are."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.flan_import.patterns import (
  family_of,
  patterns,
  why_left_out,
)
from ul2_flan.tasks.rendering.templates.pattern import Pattern


@pytest.mark.parametrize('name', patterns())
def test_patterns_name_our_tasks_and_fields(name: str) -> None:
  pattern = patterns()[name]
  for target in pattern.to:
    known = set(family_of(target).fields)
    if ':' in target:
      known |= set(catalog.load(target).flan.fields)
    for text in pattern.translator(target).fields.values():
      assert set(Pattern.of(text).fields) <= known


def test_a_field_may_become_text_around_ours() -> None:
  fields = patterns()['natural_questions'].translator(
    'flan2021:natural_questions'
  )
  assert fields('Q: {question}') == 'Q: {question}?'


def test_a_pattern_of_no_use_has_a_reason() -> None:
  assert why_left_out('synth_cot_gsm8k') == why_left_out('synth_cot_x')
  assert why_left_out('new_one').startswith('not in the release')
