"""From a definition and finished runs to the members of a mixture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import dataclasses
from fractions import Fraction
import math

from ul2_flan.mixtures.definition import Part
from ul2_flan.mixtures.shares import Missing, Share, Shares
from ul2_flan.mixtures.stock import Stock
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
  """A data set of a mixture.

  Attributes:
    data_set: as registered.
    manifest: the index of its run's.
    part: of the mixture; several with ' + ' in between.
    task: of the collection; empty for denoisers.
    setting: likewise.
    examples: in the data set.
    tokens: of all of them.
    cap: the most examples of the task that count; 0 for none.
    uncapped: what its rate would be without caps.
    rate: its share of the mixture's examples.
  """

  data_set: str
  manifest: int
  part: str
  task: str
  setting: str
  examples: int
  tokens: int
  cap: int
  uncapped: float
  rate: float


@dataclasses.dataclass(frozen=True, slots=True)
class Resolved:
  """A mixture's members.

  Attributes:
    members: each data set once, in the order of the definition; their rates
      add up to 1.
    missing: in the same order.
  """

  name: str
  split: str
  members: tuple[Member, ...]
  missing: tuple[Missing, ...]

  def repeats(self, num_examples: int) -> list[float]:
    """How often each member is seen: `num_examples · rate / n`."""
    return [num_examples * m.rate / m.examples for m in self.members]

  @property
  def examples_once(self) -> int:
    """The most examples for which none is seen twice: `min n / rate`.

    Exact, so that a plan for so many has no repeat, and one for more has.
    """
    total = sum(Fraction(m.rate) for m in self.members)
    least = min(Fraction(m.examples) / Fraction(m.rate) for m in self.members)
    return math.floor(least * total)


def resolve(
  mixture: Part,
  manifests: Sequence[Manifest],
  *,
  split: str = 'train',
  include: Sequence[str] = (),
  exclude: Sequence[str] = (),
) -> Resolved:
  """Finds a mixture's members among the data sets of runs.

  Args:
    mixture: as `definition.load` gives it.
    manifests: of Flan and UL2 runs.
    split: that the examples are counted in.
    include: reasons to be left out (such as 'mmlu_related') that do not count,
      or patterns of tasks or of categories that are in although left out.
    exclude: patterns of tasks or of categories to be held out.

  Raises:
    UserError: nothing of it is there, or the runs do not go together.
  """
  walk = Shares(Stock.of(manifests, split), include, exclude)
  shares = walk.of(mixture)
  if not shares:
    raise UserError(
      f"nothing of the mixture '{mixture.name}' is among the data sets of "
      f'{", ".join(m.name for m in manifests) or "no run"} in the split '
      f"'{split}'; `python -m ul2_flan.mixtures show {mixture.name}` says what "
      'it is made of'
    )
  return Resolved(mixture.name, split, _members(shares), tuple(walk.missing))


def _members(shares: Iterable[Share]) -> tuple[Member, ...]:
  """Shares of one data set together."""
  found: dict[str, Member] = {}
  for share in shares:
    data_set = share.data_set
    member = Member(
      data_set=data_set.name,
      manifest=data_set.manifest,
      part=share.part,
      task=data_set.task.name if data_set.task else '',
      setting=str(data_set.setting or ''),
      examples=data_set.examples,
      tokens=data_set.tokens,
      cap=share.cap,
      uncapped=share.uncapped,
      rate=share.rate,
    )
    if (before := found.get(data_set.name)) is not None:
      parts = before.part.split(' + ')
      if share.part not in parts:
        parts.append(share.part)
      member = dataclasses.replace(
        before,
        part=' + '.join(parts),
        uncapped=before.uncapped + share.uncapped,
        rate=before.rate + share.rate,
      )
    found[data_set.name] = member
  return tuple(found.values())
