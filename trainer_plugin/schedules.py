"""A learning rate schedule that T5X lacks.

T5X has a cosine too. But it starts again after its last step, and it cuts the
curve off at the lowest rate instead of arriving there.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp


def cosine(
  peak: float, final: float, steps: int, start: int = 0, warmup_steps: int = 0
) -> Callable[[jax.typing.ArrayLike], jax.Array]:
  """Returns a schedule: a linear rise, half a cosine, then a constant.

  With `t = step - start`, `w = warmup_steps` and `n = steps`:

    rate = peak t / w                                               0 <= t < w
           final + (peak - final) (1 + cos(pi (t-w) / (n-w))) / 2   w <= t < n
           final                                                    n <= t

  U-PaLM goes from 1e-4 to 1e-6 (arXiv 2210.11399, section 2.4). If `final` is
  `peak`, the rate is constant, which the paper found to do as well.

  >>> rate = cosine(1e-4, 1e-6, steps=20_000, start=1_000_000)
  >>> [float(f'{rate(1_000_000 + t):.3g}') for t in (0, 10_000, 20_000, 20_001)]
  [0.0001, 5.05e-05, 1e-06, 1e-06]

  Args:
    peak: the highest rate.
    final: the lowest rate, kept after the last step.
    steps: n, of the stage.
    start: the step that the stage starts at: T5X counts on from a checkpoint.
    warmup_steps: w.

  Returns:
    a function from a step, int32 [], to a rate, float32 [].

  Raises:
    ValueError: the rise is not shorter than the stage.
  """
  if not 0 <= warmup_steps < steps:
    raise ValueError(
      f'steps is {steps} and warmup_steps {warmup_steps}: it must be less'
    )

  def rate(step: jax.typing.ArrayLike) -> jax.Array:
    # Integers first: float32 cannot tell steps apart above 2**24.
    t = jnp.maximum(jnp.asarray(step) - start, 0).astype(jnp.float32)
    progress = jnp.clip((t - warmup_steps) / (steps - warmup_steps), 0, 1)
    decayed = final + (peak - final) * (1 + jnp.cos(jnp.pi * progress)) / 2
    rising = peak * t / max(warmup_steps, 1)
    return jnp.where(t < warmup_steps, rising, decayed).astype(jnp.float32)

  return rate
