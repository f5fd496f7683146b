"""Counts the examples of each member in a mixture of a given size."""

import dataclasses

from ul2_flan.mixtures import rates
from ul2_flan.mixtures.resolve import Member, Resolved
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class MemberCount:
  """How many examples of a member there are in a mixture of a given size.

      count = passes · examples + rest,   0 <= rest < examples

  Attributes:
    member: whose examples they are.
    count: of examples, repeats included.
    passes: how often each of its examples is there at least.
    rest: how many of them are there once more.
  """

  member: Member
  count: int
  passes: int
  rest: int


def plan_counts(
  resolved: Resolved, num_examples: int
) -> tuple[MemberCount, ...]:
  """Divides a number of examples among members.

  Each count is within one of `num_examples · rate`, and together they are
  exactly `num_examples` (`rates.largest_remainder`).

  Args:
    resolved: the mixture.
    num_examples: how many examples it shall have, at least 1.

  Returns:
    a count for each member, in their order; some may be 0.

  Raises:
    UserError: `num_examples` is less than 1.
  """
  if num_examples < 1:
    raise UserError(f'{num_examples:,} examples are no mixture: at least 1')
  members = resolved.members
  counts = rates.largest_remainder([m.rate for m in members], num_examples)
  return tuple(
    MemberCount(member, count, *divmod(count, member.examples))
    for member, count in zip(members, counts, strict=True)
  )
