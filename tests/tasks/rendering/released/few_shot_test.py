"""Exemplars follow one another as in FLAN's released code."""

import numpy as np
import pytest
from support.flan.released import imported, pairs, renderer

from ul2_flan.tasks.rendering import Pool
from ul2_flan.tasks.rendering.released.columns import Styles
from ul2_flan.tasks.rendering.released.few_shot import (
  Example,
  add_exemplars,
  ask,
  fit,
  mixed_starts,
  wanted,
)
from ul2_flan.tasks.rendering.templates.template_choice import Forms
from ul2_flan.tasks.seeding import stream

RELEASED = imported().released
assert RELEASED
INSTANCES = pairs(8)


def forms_of(setting: str) -> tuple[Forms, Pool]:
  of = renderer(setting)
  pool = Pool.of(of.family, INSTANCES)
  return of.forms(INSTANCES, pool), pool


def example_of(number: int, exemplars: list[int]) -> Example:
  """The first instance, in a form, with exemplars."""
  assert RELEASED
  forms, pool = forms_of('fs_opt')
  styles = Styles.fixed(RELEASED)
  chosen = np.array([number])
  (example,) = ask(INSTANCES.take(np.array([0])), forms, chosen, styles, '\n')
  add_exemplars([example], [exemplars], pool, forms, styles, np.array([1]))
  return example


def test_exemplars_of_the_question_s_own_template() -> None:
  example = example_of(0, [3])
  options = '(OPTIONS:\n- yes\n- no)'
  # Spaces at the end are removed; and the separator is part of the answer.
  assert example.inputs == (
    f'Q: It is 3. | Not 3  {options}\n\nA: no\n==\n'
    f'Q: It is 0. | Not 0  {options}\n\nA:'
  )
  assert example.target == 'yes\n=='


def test_exemplars_of_mixed_templates_take_turns() -> None:
  example = example_of(2, [3, 4])
  first, second = 'It is 3.\nOPTIONS:', 'Q: It is 4. | Not 4 '
  assert example.inputs.startswith(f'{first}\n- yes\n- no\n\nno\n{second}')
  assert example.target == 'yes'


@pytest.mark.parametrize(
  ('room', 'kept'), [(10_000, 3), (160, 2), (130, 1), (60, 0)]
)
def test_exemplars_are_dropped_from_the_last_on(room: int, kept: int) -> None:
  assert RELEASED
  example = example_of(0, [3, 4, 5])
  complete = fit(example, lambda texts: [*map(len, texts)], RELEASED, room)
  assert complete == bool(kept)
  assert len(example.exemplars) == kept
  if kept:
    assert len(example.inputs) <= room


def test_numbers_are_those_of_flan() -> None:
  assert RELEASED
  forms, _ = forms_of('fs_opt')
  bits = stream(0, 'numbers', np.arange(1000, dtype=np.uint64))
  own = wanted(RELEASED, forms, np.zeros(1000, np.int64), bits)
  assert {*own.tolist()} == {2, 3}
  assert 0.45 < (own == 2).mean() < 0.55
  mixed = wanted(RELEASED, forms, np.full(1000, forms.repeats), bits)
  assert {*mixed.tolist()} == {5}
  assert {*mixed_starts(forms, bits).tolist()} == {0, 1}
