"""The arithmetic of rates: pure functions from counts to shares.

Sums are exactly rounded (`math.fsum`), so that rates do not depend on the
machine, and what follows from them does not either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
import math


def proportional(
  examples: Sequence[int], caps: Sequence[int], temperature: float = 1.0
) -> list[float]:
  """Examples-proportional weights with caps (arXiv 1910.10683, section 3.5.2).

      w_i = min(n_i, K_i) ** (1 / T)

  Args:
    examples: n, of each task.
    caps: K; 0 for none. With a cap of 1 for all, tasks weigh the same.
    temperature: T. The larger, the more alike the weights.

  >>> proportional([100, 9000, 50_000], [3000] * 3)
  [100.0, 3000.0, 3000.0]
  >>> proportional([100, 400], [0, 0], temperature=2)
  [10.0, 20.0]
  """
  capped = [
    float(min(n, cap) if cap else n)
    for n, cap in zip(examples, caps, strict=True)
  ]
  # Without the power, the usual weights are exact.
  return (
    capped if temperature == 1 else [n ** (1 / temperature) for n in capped]
  )


def normalised(weights: Sequence[float]) -> list[float]:
  """Shares of weights that are not all zero: `w_i / Σ w`.

  >>> normalised([1, 3])
  [0.25, 0.75]
  """
  total = math.fsum(weights)
  return [w / total for w in weights]


def setting_shares(
  few_shot: float, no_options: float
) -> Mapping[tuple[bool, bool], float]:
  """Shares of (few-shot, with options): the products of the two choices.

      share(s, o) = (f if s else 1 - f) · (1 - h if o else h)

  with f the share of few-shot and h that of examples without options.

  Returns:
    those that are not zero.

  >>> setting_shares(0.25, 0)
  {(False, True): 0.75, (True, True): 0.25}
  """
  return {
    (few, options): share
    for few, share_few in ((False, 1 - few_shot), (True, few_shot))
    for options, share_options in ((True, 1 - no_options), (False, no_options))
    if (share := share_few * share_options)
  }


def example_weights(
  token_shares: Sequence[float], mean_tokens: Sequence[float]
) -> list[float]:
  """Weights in examples that give shares in tokens: `w_i = t_i / m_i`.

  A text of a thousand tokens and an answer of ten are one example each, so a
  share of the examples says little about what a model is trained on.

  Args:
    token_shares: t, as shares of all tokens.
    mean_tokens: m, tokens of an example, of both sides.

  >>> normalised(example_weights([0.5, 0.5], [768, 256]))
  [0.25, 0.75]
  """
  return [t / m for t, m in zip(token_shares, mean_tokens, strict=True)]


def largest_remainder(rates: Sequence[float], total: int) -> list[int]:
  """Whole numbers in the proportion of the rates that add up to the total.

      q_i = total · r_i / Σ r,   c_i = ⌊q_i⌋ or ⌊q_i⌋ + 1

  The quotas with the largest fractions are rounded up; of equal ones the first.
  No number is off by one or more. In exact fractions: the same on any machine.

  >>> largest_remainder([0.5, 0.3, 0.2], 4)
  [2, 1, 1]
  """
  exact = [Fraction(r) for r in rates]
  # In units of the smallest power of two that occurs, all are integers.
  unit = max((r.denominator for r in exact), default=1)
  weights = [r.numerator * (unit // r.denominator) for r in exact]
  whole = sum(weights)
  quotas = [divmod(total * w, whole) for w in weights]
  counts = [quota for quota, _ in quotas]
  order = sorted(range(len(quotas)), key=lambda i: -quotas[i][1])
  for i in order[: total - sum(counts)]:
    counts[i] += 1
  return counts
