"""How many exemplars are drawn."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import drawn_of

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY, ExemplarCount
from ul2_flan.tasks.rendering.templates.form import compile_form
from ul2_flan.tasks.rendering.templates.template import FewShot

DRAWN = compile_form(
  'few_shot 0',
  FewShot(inputs='{question}', targets='{answer}'),
  options=False,
  foreign=False,
  code=False,
)
NONE = dataclasses.replace(DRAWN, exemplars=0)
STREAMS = np.arange(4000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)


ALL = drawn_of([DRAWN], [0] * len(STREAMS))


@given(low=st.integers(1, 6), more=st.integers(0, 6))
def test_each_number_of_the_range_is_as_likely(low: int, more: int) -> None:
  count = ExemplarCount(low, low + more)
  numbers = count.draw(ALL, STREAMS)
  share = np.bincount(numbers - low, minlength=more + 1) / len(STREAMS)
  assert numbers.min() >= low
  assert len(share) == more + 1
  assert abs(share * (more + 1) - 1).max() < 0.25


def test_a_form_may_have_a_number_of_its_own() -> None:
  chosen = [0, 1] * 10
  drawn = drawn_of([DRAWN, NONE], chosen)
  numbers = ExemplarCount(3, 5).draw(drawn, STREAMS[:20])
  assert [number == 0 for number in numbers] == [form == 1 for form in chosen]


@pytest.mark.parametrize(
  ('low', 'high'), [(3, 2), (0, 1), (1, MANY + 1), (-1, -1)]
)
def test_numbers_are_checked(low: int, high: int) -> None:
  with pytest.raises(UserError) as error:
    ExemplarCount(low, high)
  assert str(error.value) == (
    f'{low} to {high} exemplars: there are from 1 to {MANY}'
  )
