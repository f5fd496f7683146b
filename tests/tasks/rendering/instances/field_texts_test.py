"""Fields as the texts that fill a template."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import instances_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.field_texts import gather
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog_styles


def _styles(instances: Instances) -> DrawnStyles:
  return DrawnStyles.draw(instances, seed=0, purpose='test')


@pytest.mark.parametrize(
  'name', ['flan2021:openbookqa', 'flan2021:rte', 'flan2021:stsb']
)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19))))
def test_an_answer_has_the_form_of_its_option(
  name: str, pairs: list[tuple[int, int]]
) -> None:
  """Whatever the instance, and whichever example's style it is shown in."""
  instances = instances_of(name, 20)
  columns = gather(
    instances,
    [i for i, _ in pairs],
    fields=frozenset({'options', 'answer'}),
    styles=_styles(instances),
    owners=[owner for _, owner in pairs],
    option_kind=catalog.load(name).options,
  )
  assert set(columns) == {'options', 'answer'}
  for (i, _), options, answer in zip(
    pairs, columns['options'], columns['answer'], strict=True
  ):
    assert answer in options
    listed = instances.columns['options'][i]
    assert all(option in options for option in listed)
    given_answer = instances.columns['answer'][i]
    # By its mark, or in its own words after it.
    line = options[options.index(answer) :]
    assert given_answer in line


def test_without_options_the_answer_is_in_its_own_words() -> None:
  instances = instances_of('flan2021:openbookqa', 3)
  columns = gather(
    instances,
    [2, 0],
    fields=frozenset({'answer'}),
    styles=_styles(instances),
    owners=[2, 0],
    option_kind='choices',
  )
  answers = instances.columns['answer']
  assert columns == {'answer': [answers[2], answers[0]]}


def test_turns_are_in_the_style_of_the_example_that_shows_them() -> None:
  instances = instances_of('dialog:wiki_dialog', 12)
  styles = _styles(instances)
  known = dialog_styles.styles()
  for owner in range(12):
    columns = gather(
      instances,
      [0],
      fields=frozenset({'dialog'}),
      styles=styles,
      owners=[owner],
      option_kind='none',
    )
    style = known[int(styles.dialog[owner])]
    assert columns['dialog'] == [style.show(instances.columns['dialog'][0])]
