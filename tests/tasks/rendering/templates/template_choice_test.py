"""Which templates go with a setting, and how one of them is drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.family import Family, load_family
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting
from ul2_flan.tasks.rendering.templates.template_choice import forms_of


def _fields(family: Family) -> frozenset[str]:
  return frozenset(family.fields)


@pytest.mark.parametrize('setting', SETTINGS[:4])
@pytest.mark.parametrize('name', ['nli', 'reasoning', 'niv2', 'last_word'])
def test_every_form_needs_no_more_than_there_is(
  name: str, setting: Setting
) -> None:
  family = load_family(name)
  forms = forms_of(family, setting, _fields(family), _fields(family))
  assert 0 <= forms.repeats <= len(forms.forms)
  for form in forms.forms:
    assert form.fields <= _fields(family)
    if setting.options and family.has_options:
      assert form.shows_options or form.inverted
    else:
      assert not form.shows_options
  kinds = [form.label.split()[0] for form in forms.forms]
  assert kinds == sorted(kinds, reverse=True)
  assert kinds.count('template') == forms.repeats


def test_a_template_with_a_field_that_instances_lack_is_left_out() -> None:
  family = load_family('niv2')
  setting = Setting.parse('fs_opt')
  whole = forms_of(family, setting, _fields(family), _fields(family))
  bare = frozenset({'definition', 'input', 'output'})
  less = forms_of(family, setting, bare, bare)
  labels = {form.label for form in less.forms}
  assert labels < {form.label for form in whole.forms}
  assert all(form.fields <= bare for form in less.forms)
  # What exemplars lack counts as well.
  assert labels >= {
    form.label
    for form in forms_of(family, setting, _fields(family), bare).forms
    if form.exemplars and form.fields <= bare
  }


@given(st.lists(st.booleans(), min_size=40, max_size=40), st.integers(0, 99))
def test_a_draw_depends_on_its_own_stream_alone(
  scored: list[bool], seed: int
) -> None:
  family = load_family('nli')
  forms = forms_of(
    family, Setting.parse('fs_opt'), _fields(family), _fields(family)
  )
  streams = np.random.default_rng(seed).integers(0, 2**63, 40).astype(np.uint64)
  forward = np.array(scored)
  chosen = forms.choose(streams, forward)
  backwards = forms.choose(streams[::-1], forward[::-1])[::-1]
  assert chosen.tolist() == backwards.tolist()
  assert not any(forms.forms[i].inverted for i in chosen[forward].tolist())


def test_each_kind_gets_half_of_the_examples() -> None:
  family = load_family('nli')
  forms = forms_of(
    family, Setting.parse('fs_opt'), _fields(family), _fields(family)
  )
  streams = np.arange(20_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
  chosen = forms.choose(streams, np.zeros(len(streams), np.bool_))
  counts = np.bincount(chosen, minlength=len(forms.forms))
  assert abs(counts[: forms.repeats].sum() / len(streams) - 0.5) < 0.02
  for kind in (counts[: forms.repeats], counts[forms.repeats :]):
    assert kind.min() > 0.8 * kind.mean()


def test_a_setting_without_templates_is_refused() -> None:
  family = load_family('nli')
  with pytest.raises(UserError, match='no template for the setting zs_opt_cot'):
    forms_of(family, Setting.parse('zs_opt_cot'), _fields(family), frozenset())
