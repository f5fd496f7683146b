"""Fields as the texts that fill a template."""

from __future__ import annotations

from support.instances import instances_of

from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.field_texts import gather
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog_styles


def _styles(instances: Instances) -> DrawnStyles:
  return DrawnStyles.draw(instances, seed=0, purpose='test')


def test_without_options_the_answer_is_in_its_own_words() -> None:
  instances = instances_of('flan2021:openbookqa', 3)
  columns = gather(
    instances,
    [2, 0],
    fields=frozenset({'answer'}),
    styles=_styles(instances),
    owners=[2, 0],
    option_lists=None,
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
      option_lists=None,
    )
    style = known[int(styles.dialog[owner])]
    assert columns['dialog'] == [style.show(instances.columns['dialog'][0])]
