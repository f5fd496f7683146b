"""Instances as columns and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import instances_of

from ul2_flan.tasks.rendering.instances.instances import Instances


@given(st.lists(st.integers(0, 19)))
def test_taken_instances_are_the_same(indices: list[int]) -> None:
  instances = instances_of('flan2021:openbookqa', 20)
  taken = instances.take(np.array(indices, np.int64))
  every = list(instances)
  assert list(taken) == [every[i] for i in indices]
  assert taken.keys.tolist() == [int(instances.keys[i]) for i in indices]
  for instance, choice in zip(taken, taken.choice, strict=True):
    assert instance['options'][choice] == instance['answer']


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_groups_have_the_same_fields_and_together_are_all(
  present: list[tuple[bool, bool]],
) -> None:
  made = [
    {'a': f'a{i}', 'b': f'b{i}' if b else None, 'c': f'c{i}' if c else None}
    for i, (b, c) in enumerate(present)
  ]
  instances = Instances.of(made, range(len(made)))
  seen = []
  for indices, group in instances.by_fields():
    assert not any(None in column for column in group.columns.values())
    for i, instance in zip(indices.tolist(), group, strict=True):
      seen.append(i)
      full = {f: v for f, v in made[i].items() if v is not None}
      assert instance == full
  assert sorted(seen) == list(range(len(made)))


def test_fields_may_be_as_the_source_has_them() -> None:
  instances = Instances(
    np.array([1, 2], np.uint64),
    {'question': ['Who?', 'Why?'], 'answer': ['a', 'b']},
    given={'question': ['who', 'why']},
  )
  assert instances.as_source(['answer']) is instances
  as_source = instances.as_source(['question', 'answer'])
  assert as_source.columns['question'] == ['who', 'why']
  assert as_source.columns['answer'] == ['a', 'b']
  assert as_source.take(np.array([1])).given == {'question': ['why']}


def test_an_answer_that_is_no_option_is_refused() -> None:
  with pytest.raises(ValueError, match='not in tuple'):
    Instances.of([{'options': ['a', 'b'], 'answer': 'c'}], [1])
