"""How many exemplars there are, and how many there is room for."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses

from ul2_flan.tasks.errors import UserError

# Exemplars of 'as many as fit', for inputs of 2,048 tokens.
MANY = 64


@dataclasses.dataclass(frozen=True, slots=True)
class ExemplarCount:
  """How many exemplars an example has.

  The number is drawn, uniform on {low, ..., high}, then lowered until the
  inputs fit into `max_tokens`. `ExemplarCount(MANY, MANY)` is all that fit.

  Attributes:
    max_tokens: for the inputs; None for no limit. Tokens are counted as the
      pool counts them.
  """

  low: int = 1
  high: int = 5
  max_tokens: int | None = None

  def __post_init__(self) -> None:
    if not 1 <= self.low <= self.high <= MANY:
      raise UserError(
        f'{self.low} to {self.high} exemplars: there are from 1 to {MANY}'
      )


def within(costs: Sequence[int], room: int) -> int:
  """How many exemplars fit, from the first on.

  >>> within([10, 20, 30], 35), within([40, 1], 35)
  (2, 0)
  """
  used = 0
  for count, cost in enumerate(costs):
    used += cost
    if used > room:
      return count
  return len(costs)
