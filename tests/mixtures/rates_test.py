"""Rates are what their formulas say, and counts add up."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.mixtures import rates

sizes = st.lists(st.integers(1, 10**9), min_size=1, max_size=50)
positive = st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=50)


@given(sizes, st.integers(1, 10**6))
def test_caps_hold_and_nothing_below_them_changes(examples, cap):
  weights = rates.proportional(examples, [cap] * len(examples))
  for n, w in zip(examples, weights, strict=True):
    assert w == (n if n <= cap else cap)


@given(sizes)
def test_no_cap_is_in_proportion(examples):
  assert rates.proportional(examples, [0] * len(examples)) == examples


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.floats(1, 20))
def test_temperature_takes_weights_nearer(one, other, temperature):
  cold = rates.proportional([one, other], [0, 0])
  warm = rates.proportional([one, other], [0, 0], temperature)
  ratio = max(one, other) / min(one, other)
  assert max(warm) / min(warm) <= ratio * (1 + 1e-9)
  assert (warm[0] <= warm[1]) == (cold[0] <= cold[1])
  assert max(warm) / min(warm) == pytest.approx(ratio ** (1 / temperature))


@given(st.floats(0, 1), st.floats(0, 1))
def test_settings_have_the_shares_that_were_asked_for(few_shot, no_options):
  shares = rates.setting_shares(few_shot, no_options)
  assert sum(shares.values()) == pytest.approx(1)
  few = sum(share for (few, _), share in shares.items() if few)
  without = sum(share for (_, options), share in shares.items() if not options)
  assert few == pytest.approx(few_shot)
  assert without == pytest.approx(no_options)
  assert all(shares.values())


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(1, 1e4)), min_size=1))
def test_shares_in_tokens_come_out_in_tokens(parts):
  wanted, mean = zip(*parts, strict=True)
  weights = rates.normalised(rates.example_weights(wanted, mean))
  tokens = rates.normalised([w * m for w, m in zip(weights, mean, strict=True)])
  assert tokens == pytest.approx(rates.normalised(wanted))


@given(positive, st.integers(1, 10**12))
def test_counts_add_up_and_none_is_off_by_one(weights, total):
  counts = rates.largest_remainder(weights, total)
  assert sum(counts) == total
  whole = sum(map(Fraction, weights))
  quotas = [total * Fraction(w) / whole for w in weights]
  assert all(abs(c - q) < 1 for c, q in zip(counts, quotas, strict=True))
  # Who was rounded up had no smaller fraction than who was not.
  up = [q % 1 for c, q in zip(counts, quotas, strict=True) if c > q]
  down = [q % 1 for c, q in zip(counts, quotas, strict=True) if c < q]
  assert not up or not down or min(up) >= max(down)


@given(positive, st.integers(1, 10**6), st.integers(-40, 40))
def test_the_scale_of_rates_makes_no_difference(weights, total, power):
  scaled = [w * 2.0**power for w in weights]
  assert rates.largest_remainder(weights, total) == rates.largest_remainder(
    scaled, total
  )


def test_of_equal_fractions_the_first_are_rounded_up():
  assert rates.largest_remainder([1, 1, 1, 1], 6) == [2, 2, 1, 1]
