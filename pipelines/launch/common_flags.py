"""Flags that the commands of all kinds of run have."""

import dataclasses
from typing import Any

from ul2_flan.pipelines.engines import Engine, local
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.launch.flags import FlagGroup
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Options:
  """Options of a command: where its plan goes, and how far to follow it.

  Attributes:
    output: the output folder.
    plan_only: print the plan and what it will cost, and write nothing.
    json: print that as JSON.
    overwrite: delete what another run left in the output folder.

  Raises:
    UserError: flags do not go together.
  """

  output: str
  plan_only: bool = False
  json: bool = False
  overwrite: bool = False

  def __post_init__(self) -> None:
    if self.json and not self.plan_only:
      raise UserError('--json is for the plan alone: give --plan_only too')


def common_flags(config: type[Any]) -> tuple[FlagGroup, ...]:
  """Reads the flags that all kinds of run have.

  Args:
    config: the configuration of a kind, whose fields some of them fill.
  """
  groups = flags.read(
    __package__,
    'common_flags.toml',
    *(config, Options, Budget, Engine),
    words={'cores': local.cores()},
  )
  # Evaluation data and exports have neither a seed nor shards to divide.
  fields = {field.name for field in dataclasses.fields(config)}
  return tuple(
    group
    for group in groups
    if group.config is not config or fields.issuperset(_names(group))
  )


def _names(group: FlagGroup) -> set[str]:
  return {flag.field or flag.name for flag in group.flags}


EPILOG = (
  'All options of Apache Beam are taken too (--runner, --project, '
  '--direct_num_workers, …).'
)
