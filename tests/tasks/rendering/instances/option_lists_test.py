"""Options are listed, and answers take their form."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import instances_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.option_lists import OptionLists

PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)))


def _lists(name: str, instances: Instances) -> OptionLists:
  styles = DrawnStyles.draw(instances, seed=0, purpose='test').options
  assert styles
  kind = catalog.load(name).options
  return OptionLists(instances.columns['options'], styles, kind)


@pytest.mark.parametrize(
  'name', ['flan2021:openbookqa', 'flan2021:rte', 'flan2021:stsb']
)
@given(PAIRS)
def test_an_answer_has_the_form_of_its_option(
  name: str, pairs: list[tuple[int, int]]
) -> None:
  """Whatever the instance, and whichever example's style it is shown in."""
  instances = instances_of(name, 20)
  listed = _lists(name, instances).of(
    instances, [i for i, _ in pairs], [owner for _, owner in pairs]
  )
  for (i, _), text, answer in zip(pairs, *listed, strict=True):
    assert answer in text
    assert all(option in text for option in instances.columns['options'][i])
    given_answer = instances.columns['answer'][i]
    # By its mark, or in its own words after it.
    line = text[text.index(answer) :]
    assert given_answer in line


@pytest.mark.parametrize('name', ['flan2021:rte', 'flan2021:stsb'])
@given(PAIRS)
def test_the_same_options_are_listed_as_if_they_were_not(
  name: str, pairs: list[tuple[int, int]]
) -> None:
  """They are listed once for an example; others, for each that is shown."""
  instances = instances_of(name, 20)
  indices, owners = ([pair[k] for pair in pairs] for k in range(2))
  same = _lists(name, instances)
  others = dataclasses.replace(same, own=[*same.own, ('a', 'b')])
  assert same.of(instances, indices, owners) == others.of(
    instances, indices, owners
  )


def test_no_options_of_an_empty_pool_are_listed() -> None:
  instances = instances_of('flan2021:rte', 3)
  nothing = instances.take(np.arange(0))
  assert _lists('flan2021:rte', instances).of(nothing, [], []) == ([], [])
