"""A family written as TOML is the same family when it is read."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.flan_import.as_toml import as_toml
from ul2_flan.tasks.rendering.templates.family import (
  Family,
  families,
  load_family,
  parse_family,
)
from ul2_flan.tasks.rendering.templates.template import KINDS, FewShot, Template

# Braces belong to fields; surrogates to no text.
_TEXT = st.text(
  st.characters(exclude_characters='{}', exclude_categories=['Cs'])
)
_SETTINGS = st.lists(st.sampled_from(KINDS), unique=True).map(tuple)
_FEW_SHOT = st.builds(
  FewShot,
  inputs=_TEXT,
  targets=_TEXT,
  instruction=_TEXT,
  input_prefix=_TEXT,
  target_prefix=_TEXT,
  between=_TEXT,
  separator=_TEXT,
  exemplars=st.sampled_from([-1, 0]),
  inverted=st.booleans(),
  reasoning=st.booleans(),
  settings=_SETTINGS,
)


def _same(one: Family, other: Family) -> bool:
  return dataclasses.asdict(one) == dataclasses.asdict(other)


@pytest.mark.parametrize('name', families())
def test_our_own_families(name: str) -> None:
  family = load_family(name)
  assert _same(parse_family(as_toml(family, 'x'), name, 'x'), family)


@given(words=_TEXT, settings=_SETTINGS, form=_FEW_SHOT)
def test_any_text(words: str, settings: tuple[str, ...], form: FewShot) -> None:
  family = load_family('last_word')
  template = Template(inputs=words, targets='{word}', settings=settings)
  family = dataclasses.replace(
    family,
    templates=(*family.templates, template),
    few_shot=(form,),
    samples=({'text': words, 'word': 'a'}, {'text': 'b', 'word': words}),
  )
  assert _same(parse_family(as_toml(family, 'x'), 'last_word', 'x'), family)
