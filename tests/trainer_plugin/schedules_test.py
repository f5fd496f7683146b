import math

from hypothesis import given
from hypothesis import strategies as st
import jax
import numpy as np
import pytest

from ul2_flan.trainer_plugin import schedules


def closed_form(step, *, peak, final, steps, start, warmup_steps):
  t = max(step - start, 0)
  if t < warmup_steps:
    return peak * t / warmup_steps
  progress = min((t - warmup_steps) / (steps - warmup_steps), 1)
  return final + (peak - final) * (1 + math.cos(math.pi * progress)) / 2


@given(
  data=st.data(),
  peak=st.floats(1e-6, 1),
  share=st.floats(0, 1),
  steps=st.integers(1, 2_000_000),
  start=st.integers(0, 100_000_000),
)
def test_is_the_closed_form(data, peak, share, steps, start):
  settings = {
    'peak': peak,
    'final': peak * share,
    'steps': steps,
    'start': start,
    'warmup_steps': data.draw(st.integers(0, steps - 1)),
  }
  step = data.draw(st.integers(max(start - 10, 0), start + steps + 10))
  np.testing.assert_allclose(
    schedules.cosine(**settings)(step),
    closed_form(step, **settings),
    rtol=1e-4,
    atol=1e-6 * peak,
  )


def test_ul2r_as_in_the_paper():
  rate = schedules.cosine(1e-4, 1e-6, steps=20_000, start=1_000_000)
  at = [float(rate(1_000_000 + t)) for t in (0, 10_000, 20_000, 30_000, 40_000)]
  np.testing.assert_allclose(at, [1e-4, 5.05e-5, 1e-6, 1e-6, 1e-6], rtol=1e-5)


def test_falls_at_every_step_also_after_many():
  # In float32 steps above 2**24 come in pairs.
  start = 2**26
  rates = jax.vmap(schedules.cosine(1.0, 0.0, steps=1000, start=start))(
    np.arange(start, start + 1001)
  )
  assert rates.dtype == np.float32
  assert (np.diff(rates[1:]) < 0).all()
  assert rates[0] == 1
  np.testing.assert_allclose(rates[-1], 0, atol=1e-7)


def test_equal_ends_are_a_constant():
  rate = schedules.cosine(3e-3, 3e-3, steps=10)
  np.testing.assert_allclose([rate(t) for t in range(20)], 3e-3, rtol=1e-6)


def test_can_be_traced():
  rate = schedules.cosine(1.0, 0.1, steps=10, start=5, warmup_steps=2)
  np.testing.assert_allclose(jax.jit(rate)(np.int32(9)), rate(9), rtol=1e-6)


@pytest.mark.parametrize('warmup_steps', [-1, 10, 11])
def test_a_warm_up_that_does_not_fit_is_refused(warmup_steps):
  with pytest.raises(ValueError, match='warmup_steps'):
    schedules.cosine(1.0, 0.1, steps=10, warmup_steps=warmup_steps)
