"""The range that the number of an example's exemplars is drawn from."""

import dataclasses

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.seeding import below, draw

# The most exemplars of an example: into inputs of 2,048 tokens hardly more fit.
MANY = 64


@dataclasses.dataclass(frozen=True, slots=True)
class ExemplarCount:
  """How many exemplars an example has.

  The number is drawn, uniform on {low, ..., high}, then lowered until the
  inputs fit into `max_tokens`. `ExemplarCount(MANY, MANY)` is all that fit.

  Attributes:
    low, high: from 1 to `MANY`.
    max_tokens: for the inputs; None for no limit. Tokens are counted as the
      pool counts them.

  Raises:
    UserError: the range is empty, or exceeds what is allowed.
  """

  low: int = 1
  high: int = 5
  max_tokens: int | None = None

  def __post_init__(self) -> None:
    if not 1 <= self.low <= self.high <= MANY:
      raise UserError(
        f'{self.low} to {self.high} exemplars: there are from 1 to {MANY}'
      )

  def draw(self, drawn: DrawnInstances, streams: UInt64s) -> Int64s:
    """Draws the number of exemplars of each of n examples: int64 [n].

    Args:
      drawn: n instances; some forms have a number of their own.
      streams: uint64 [n], of which the draws use number 0.
    """
    numbers = self.low + below(draw(streams, 0), self.high - self.low + 1)
    of_form = np.array([form.exemplars for form in drawn.forms], np.int64)
    fixed = of_form[drawn.chosen]
    return np.where(fixed < 0, numbers, fixed)
