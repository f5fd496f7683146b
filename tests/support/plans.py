"""Plans as commands make them, of the flags that a person types."""

from collections.abc import Sequence

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run import Plan


def plan_of(kind: str, argv: Sequence[str]) -> Plan:
  """What the command of a kind of run plans; flags may leave out `--output`."""
  if not any(flag.startswith('--output') for flag in argv):
    argv = [*argv, '--output=none']
  return command.read(kind_of(kind), argv).planned.plan
