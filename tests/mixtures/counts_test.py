"""A plan's counts are whole numbers that add up, with the repeats they need."""

import functools

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from support.collection_runs import flan_run

from ul2_flan.mixtures.counts import plan_counts
from ul2_flan.mixtures.definition import load
from ul2_flan.mixtures.resolve import Resolved, resolve
from ul2_flan.tasks.errors import UserError


@functools.cache
def flan2022() -> Resolved:
  return resolve(load('flan2022_b'), [flan_run()])


@given(st.integers(1, 10**10))
@settings(max_examples=5)
def test_counts_add_up_and_are_within_one_of_the_rates(num_examples):
  planned = plan_counts(flan2022(), num_examples)
  assert sum(p.count for p in planned) == num_examples
  for p in planned:
    assert abs(p.count - num_examples * p.member.rate) < 1 + 1e-3
    assert p.count == p.passes * p.member.examples + p.rest
    assert 0 <= p.rest < p.member.examples


def test_the_same_on_every_call():
  assert plan_counts(flan2022(), 12345) == plan_counts(flan2022(), 12345)


def test_nothing_repeats_up_to_the_size_that_is_named():
  once = flan2022().examples_once
  for size, repeats in ((once, False), (once + len(flan2022().members), True)):
    planned = plan_counts(flan2022(), size)
    assert any(p.count > p.member.examples for p in planned) == repeats


def test_no_examples_are_refused():
  with pytest.raises(UserError, match='0 examples'):
    plan_counts(flan2022(), 0)
