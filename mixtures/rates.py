"""The arithmetic of rates: pure functions from counts to shares.

A mixture divides its examples by products of shares (`shares.py`): of parts, of
settings, and of tasks within a setting. This module computes each factor, and
at the end whole numbers of examples.

Sums are exactly rounded (`math.fsum`), so that rates, and the examples that
follow from them, do not depend on the machine.

A running example: three tasks have 100, 9,000 and 50,000 examples.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
import math


def proportional(
  examples: Sequence[int], caps: Sequence[int], temperature: float = 1.0
) -> list[float]:
  """Computes examples-proportional weights, with caps and a temperature.

      w_i = min(n_i, K_i) ** (1 / T)

  Both are from T5 (arXiv 1910.10683, section 3.5.2). A cap keeps large tasks
  from crowding out small ones: a task counts as if it had at most K examples.
  Flan 2022 has one for each of its parts (arXiv 2210.11416, Table 23), Flan
  2021 3,000 for all (arXiv 2109.01652, section 2.4). A temperature above 1
  brings the weights nearer to each other; as it grows, tasks come to weigh the
  same.

  >>> proportional([100, 9000, 50_000], caps=[3000] * 3)
  [100.0, 3000.0, 3000.0]
  >>> proportional([100, 9000, 50_000], caps=[1] * 3)  # all alike
  [1.0, 1.0, 1.0]
  >>> proportional([100, 400], caps=[0, 0], temperature=2)
  [10.0, 20.0]

  Args:
    examples: n, of each task.
    caps: K, of each task; 0 for no cap.
    temperature: T, above 0.

  Returns:
    a weight for each task, not normalised.
  """
  capped = [
    float(min(n, cap) if cap else n)
    for n, cap in zip(examples, caps, strict=True)
  ]
  # `pow` may differ in its last bit from machine to machine; at T = 1, which
  # the papers' mixtures have, weights are exact without it.
  return (
    capped if temperature == 1 else [n ** (1 / temperature) for n in capped]
  )


def normalised(weights: Sequence[float]) -> list[float]:
  """Computes the shares of weights: `w_i / Σ w`.

  >>> normalised([1, 3])
  [0.25, 0.75]

  Args:
    weights: at least 0, and not all of them 0.

  Returns:
    shares that add up to 1, but for rounding.
  """
  total = math.fsum(weights)
  return [w / total for w in weights]


def setting_shares(
  few_shot: float, no_options: float
) -> Mapping[tuple[bool, bool], float]:
  """Computes the shares of settings from two independent choices.

      share(s, o) = (f if s else 1 - f) · (1 - h if o else h)

  The papers do not give f and h. The released code has f = 1/2, and h = 1/2
  where tasks have options (google-research/FLAN @e9e4ec6).

  >>> setting_shares(few_shot=0.25, no_options=0)
  {(False, True): 0.75, (True, True): 0.25}

  Args:
    few_shot: f, the share of few-shot examples, in [0, 1].
    no_options: h, the share of examples that do not show the options, in
      [0, 1].

  Returns:
    maps (few-shot, with options) to the shares that are not 0.
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
  """Computes weights in examples that give shares in tokens: `w_i = t_i / m_i`.

  A text of a thousand tokens and an answer of ten are one example each, so a
  share of the examples says little about what a model is trained on. Half of
  the tokens each from examples of 768 and of 256 tokens: every fourth example
  is a long one.

  >>> normalised(example_weights([0.5, 0.5], mean_tokens=[768, 256]))
  [0.25, 0.75]

  Args:
    token_shares: t, of each part, in any unit.
    mean_tokens: m, of an example of each part: inputs and targets together.

  Returns:
    a weight for each part, not normalised.
  """
  return [t / m for t, m in zip(token_shares, mean_tokens, strict=True)]


def largest_remainder(rates: Sequence[float], total: int) -> list[int]:
  """Divides a total into whole numbers in the proportion of rates.

      q_i = total · r_i / Σ r
      c_i = ⌊q_i⌋ or ⌊q_i⌋ + 1,   Σ c = total

  The quotas q with the largest fractions are rounded up; among equal fractions
  the first ones (Hamilton's method of apportionment). So no number is off by
  one or more. With the weights 100, 3,000 and 3,000 of the running example and
  a total of 10, the quotas are 0.16, 4.92 and 4.92:

  >>> largest_remainder([100, 3000, 3000], total=10)
  [0, 5, 5]

  It computes in whole numbers, so that all machines give the same.

  Args:
    rates: r, at least 0, and not all of them 0.
    total: of the counts, at least 0.

  Returns:
    a count for each rate.
  """
  exact = [Fraction(r) for r in rates]
  # A float is a whole number over a power of two. In units of the smallest that
  # occurs, all rates are whole numbers.
  unit = max((r.denominator for r in exact), default=1)
  weights = [r.numerator * (unit // r.denominator) for r in exact]
  whole = sum(weights)
  quotas = [divmod(total * w, whole) for w in weights]
  counts = [quota for quota, _ in quotas]
  # `sorted` is stable: among equal fractions the first come first.
  order = sorted(range(len(quotas)), key=lambda i: -quotas[i][1])
  for i in order[: total - sum(counts)]:
    counts[i] += 1
  return counts
