"""Options take one of FLAN's styles each; with exemplars always the same."""

import dataclasses

import numpy as np
from support.flan.released import imported, pairs

from ul2_flan.tasks.rendering import Instances
from ul2_flan.tasks.rendering.released.columns import Styles, columns_of
from ul2_flan.tasks.seeding import stream

RELEASED = imported().released
assert RELEASED


def drawn(instances: Instances) -> Styles:
  assert RELEASED
  return Styles.drawn(
    RELEASED, instances, lambda what: stream(0, what, instances.keys)
  )


def test_each_style_is_as_frequent_as_it_stands_in_the_list() -> None:
  instances = pairs(2000)
  styles = drawn(instances)
  for of in (
    [s.opening for s in styles.options],
    [s.marks for s in styles.options],
    [s.ending for s in styles.options],
    [s.opening for s in styles.turns],
  ):
    counts = np.array([of.count(kind) for kind in {*of}])
    assert len(counts) > 1
    assert np.abs(counts * len(counts) / len(of) - 1).max() < 0.15


def test_options_stand_in_the_order_of_the_data() -> None:
  instances = pairs(50)
  fields = frozenset({'options', 'answer', 'premise'})
  shown = columns_of(fields, instances, range(50), drawn(instances))
  for text in shown['options']:
    assert text.index('yes') < text.index('no')
  assert RELEASED
  fixed = columns_of(fields, instances, range(50), Styles.fixed(RELEASED))
  assert {*fixed['options']} == {'OPTIONS:\n- yes\n- no'}
  assert fixed['answer'] == instances.columns['answer']


def test_more_options_than_marks_have_bullets() -> None:
  many = tuple(map(str, range(30)))
  instances = dataclasses.replace(
    pairs(60), columns={'options': [many] * 60, 'answer': ['7'] * 60}
  )
  styles = drawn(instances)
  assert {style.marks for style in styles.options} == {('\n~ ',)}
  assert styles.options[0].show(many, 7)[1] == '7'
