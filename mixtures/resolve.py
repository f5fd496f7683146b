"""Resolves a definition to members: data sets of finished runs, with rates."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from fractions import Fraction
import math

from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.selection import Selection
from ul2_flan.mixtures.shares import Missing, Share, Shares
from ul2_flan.mixtures.stock import Stock, catalog_tasks
from ul2_flan.tasks.catalog.licences import LicenceExpression
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
  """A data set of a mixture.

  Attributes:
    data_set: its name, as registered.
    manifest: the index of its run among those that were given.
    part: the path of the part that selects it; if several do, their paths with
      ' + ' between them.
    task: name of its task; empty for denoisers.
    setting: of the task; empty for denoisers.
    examples: how many it has.
    tokens: of all its examples together.
    cap: at most this many examples of the task count; 0 for no cap.
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
  """A mixture of data sets that there are.

  Attributes:
    members: each data set once, in the order of the definition; their rates
      add up to 1, but for rounding.
    missing: what the definition asks for and no run has, in the same order.
    unlicensed: tasks of runs whose licence does not fit, with the licence.
  """

  members: tuple[Member, ...]
  missing: tuple[Missing, ...]
  unlicensed: Mapping[str, str] = dataclasses.field(default_factory=dict)

  def repeats(self, num_examples: int) -> list[float]:
    """Computes how often each member is seen: `num_examples · rate_i / n_i`."""
    return [num_examples * m.rate / m.examples for m in self.members]

  @property
  def examples_once(self) -> int:
    """The most examples of which none is seen twice: `⌊min_i n_i / rate_i⌋`.

    It is exact: a mixture of so many has no repeat, and a larger one has. The
    rates are normalised first, since they add up to 1 only but for rounding.
    """
    # `largest_remainder` divides by the same sum, so the two agree to the last
    # example.
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
  licence: str = '',
) -> Resolved:
  """Finds a mixture's members among the data sets of runs.

  Args:
    mixture: as `definition.load` returns it.
    manifests: of Flan and UL2 runs.
    split: whose examples are mixed.
    include: tasks that the collection leaves out and the mixture shall have: by
      the reason to be left out, such as 'mmlu_related', or by patterns of
      tasks or categories.
    exclude: patterns of tasks or categories to hold out.
    licence: an expression that the licences of tasks must fit; '' for none.

  Raises:
    UserError: no run has any of it, the runs do not go together, or a pattern
      is that of no task.
  """
  stock = Stock.of(manifests, split)
  tasks = {
    **catalog_tasks(),
    **{name: stock.task(name) for name in stock.tasks},
  }
  fits = LicenceExpression(licence).fits if licence else lambda _: True
  others = {name: t for name, t in tasks.items() if not fits(t.licence)}
  unlicensed = sorted(others.keys() & stock.tasks.keys())
  selection = Selection(tasks, include, exclude, unlicensed)
  walk = Shares(stock, selection)
  shares = walk.of(mixture)
  if not shares:
    raise UserError(
      f"nothing of the mixture '{mixture.name}' is among the data sets of "
      f'{", ".join(m.name for m in manifests) or "no run"} in the split '
      f"'{split}'. `python -m ul2_flan.mixtures show {mixture.name}` says what "
      'it is made of'
    )
  left_out = {name: tasks[name].licence for name in unlicensed}
  return Resolved(_members(shares), tuple(walk.missing), left_out)


def _members(shares: Iterable[Share]) -> tuple[Member, ...]:
  """Makes one member of all shares of a data set."""
  members: dict[str, Member] = {}
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
    if (before := members.get(data_set.name)) is not None:
      parts = before.part.split(' + ')
      if share.part not in parts:
        parts.append(share.part)
      member = dataclasses.replace(
        before,
        part=' + '.join(parts),
        uncapped=before.uncapped + share.uncapped,
        rate=before.rate + share.rate,
      )
    members[data_set.name] = member
  return tuple(members.values())
