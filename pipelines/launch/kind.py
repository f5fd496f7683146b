"""A kind of run as one object, from its flags to its summary.

Nothing outside of their folders asks which kind a run is of. A plan
carries the name of its kind, and `kind_of` finds the object. It imports just
that kind: a UL2 run never loads what Flan needs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
import dataclasses
import importlib
from typing import Any, Generic, TypeVar

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.launch.common_flags import common_flags
from ul2_flan.pipelines.launch.flags import FlagGroup
from ul2_flan.pipelines.run import Budget, Counts, Part, Plan, Planned
from ul2_flan.pipelines.run.contract import Accounts, Summary
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.errors import UserError, unknown

# The kinds of run; each has a folder in `pipelines`.
KINDS = ('ul2', 'flan', 'mix', 'evaluation', 'export', 'contamination')

C = TypeVar('C')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[C]):
  """A kind of run.

  Attributes:
    name: one of `KINDS`, which is also the folder and the command.
    about: what the command's help says first.
    epilog: what it says last.
    flags: the flags that fill the configuration, and those that only this kind
      has; `all_flags` are these and the common ones.
    config: the configuration's class.
    configure: makes a configuration of its flags' values, by field.
    plan: plans a run, whose output is to go to a folder; raises a `UserError`
      for all that is known to be wrong before work starts.
    check: refuses a plan that an engine cannot do.
    unit: the name of the records that a plan counts in its estimate.
    variant: the preset or mixture of a plan's configuration.
    reads: all that a part of a map-only run is made of.
    prepare: readies this process for the work on a plan. It is told how many
      processes may work: 1 if it does so itself, or how many forks of it.
    worker: loads what the work of a plan needs, once in each process.
    steps: makes the chains that do what is left of a plan, to be run one
      after the other.
    cost: does a little of a plan's work below a scratch folder; returns CPU
      seconds for all of it, and the bytes that a worker will hold; None for
      the bytes if the process's own peak tells.
    records: of a work item's counts, how many records it read, dropped by a
      rule, and rejected.
    accounts: judges the counts.
    summary: tells a person what was made.
    origin: the licences and languages of what a plan's data are made of.
  """

  name: str
  about: str
  epilog: str = ''
  flags: tuple[FlagGroup, ...]
  config: type[C]
  configure: Callable[[Mapping[str, Any]], C]
  plan: Callable[[C, str], Planned]
  check: Callable[[Plan, Engine], None] = lambda plan, engine: None
  unit: str
  variant: Callable[[Mapping[str, Any]], str]
  reads: Callable[[Plan, Part], Iterable[Piece]] = lambda plan, part: (
    part.pieces
  )
  prepare: Callable[[Plan, int], None] = lambda plan, processes: None
  worker: Callable[[Plan], Any]
  steps: Callable[[Plan, str, Budget, Engine], Sequence[Chain]]
  cost: Callable[[Plan, str], tuple[float, int | None]]
  records: Callable[[Counts], Mapping[str, int]]
  accounts: type[Accounts]
  summary: type[Summary]
  origin: Callable[[Plan], Origin] = lambda plan: Origin.of(
    [('', plan.config['name'])]
  )

  @property
  def all_flags(self) -> tuple[FlagGroup, ...]:
    """The flags of the kind's command."""
    return (*self.flags, *common_flags(self.config))


def refuse_unknown(name: str, path: str) -> None:
  """Refuses a plan or manifest of a kind that this version does not have.

  Args:
    name: the kind's.
    path: of the plan or manifest that names it.

  Raises:
    UserError: there is no such kind.
  """
  if name not in KINDS:
    raise UserError(
      f"{path} is of a run of kind '{name}', and this version of ul2-flan has "
      f'{", ".join(KINDS)}. Use the version that began the run'
    )


def kind_of(name: str) -> Kind[Any]:
  """Returns a kind by its name.

  Raises:
    UserError: there is no such kind.
  """
  if name not in KINDS:
    raise unknown('kind of run', name, KINDS)
  module = importlib.import_module(f'ul2_flan.pipelines.{name}.kind')
  kind: Kind[Any] = module.KIND
  return kind
