"""How many examples of each member a mixture of a given size holds."""

from __future__ import annotations

import dataclasses

from ul2_flan.mixtures import rates
from ul2_flan.mixtures.resolve import Member, Resolved
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
  """A member's part in a mixture of a given size.

  Attributes:
    count: `passes · examples + rest`.
    passes: how often every one of its examples is there.
    rest: how many of them are there once more.
  """

  member: Member
  count: int
  passes: int
  rest: int


def plan_counts(resolved: Resolved, num_examples: int) -> tuple[Planned, ...]:
  """Divides a number of examples among members.

  Each count is within one of `num_examples · rate`, and they add up exactly. No
  example of a member is there k + 1 times before all of them are k times.

  Args:
    num_examples: how many the mixture is to hold, at least 1.

  Returns:
    in the order of the members; some may have none.
  """
  if num_examples < 1:
    raise UserError(f'{num_examples:,} examples are no mixture: at least 1')
  members = resolved.members
  counts = rates.largest_remainder([m.rate for m in members], num_examples)
  return tuple(
    Planned(member, count, *divmod(count, member.examples))
    for member, count in zip(members, counts, strict=True)
  )
