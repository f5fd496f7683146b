"""Plans as commands make them, of the flags that a person types."""

from collections.abc import Sequence

from support.corpora import SMALL

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run import Plan


def plan_of(kind: str, argv: Sequence[str]) -> Plan:
  """What the command of a kind of run plans; flags may leave out `--output`."""
  if not any(flag.startswith('--output') for flag in argv):
    argv = [*argv, '--output=none']
  return command.read(kind_of(kind), argv).planned.plan


def ul2_plan(inputs: str | Sequence[str], vocabulary: str, *flags: str) -> Plan:
  """The plan of a UL2 run over a small corpus."""
  inputs = [inputs] if isinstance(inputs, str) else inputs
  given = ['--input', *inputs, '--vocabulary', vocabulary, *SMALL]
  return plan_of('ul2', [*given, *flags])
