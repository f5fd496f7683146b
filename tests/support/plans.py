"""Plans as commands make them, of the flags that a person types."""

from collections.abc import Sequence

from ul2_flan.pipelines.launch import command, flags, parsing
from ul2_flan.pipelines.launch.common_flags import RUN_GROUPS
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.run.planned import Planned


def planned(name: str, argv: Sequence[str]) -> Planned:
  """What the command of a kind of run plans."""
  if not any(flag.startswith('--output') for flag in argv):
    argv = [*argv, '--output=none']
  kind = kind_of(name)
  values, _ = parsing.parse(command.make_parser(kind), argv)
  groups = (*kind.flags, *RUN_GROUPS)
  config = kind.configure(flags.values_of(groups, kind.config, values))
  return kind.planned(config, values['output'])


def plan_of(name: str, argv: Sequence[str]) -> Plan:
  """The plan alone."""
  return planned(name, argv).plan
