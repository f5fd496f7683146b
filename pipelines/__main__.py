"""Lists the commands: `python -m ul2_flan.pipelines`, or `ul2-flan`."""

from collections.abc import Sequence
import importlib
import sys
from typing import Any

from ul2_flan.pipelines.launch import command
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.messages import say

# A command -> the module whose `main` runs it, and what it does.
COMMANDS = {
  'ul2': ('pipelines.ul2', 'raw text to UL2 and UL2R examples'),
  'flan': ('pipelines.flan', 'tasks of the Flan collection to examples'),
  'mix': ('pipelines.mix', 'finished runs to one data set: mixed, packed'),
  'evaluation': ('pipelines.evaluation', 'MMLU, BBH, TyDi QA, MGSM as prompts'),
  'contamination': (
    'pipelines.contamination',
    'items of suites that a model trains on',
  ),
  'own': ('pipelines.own', 'prompts or chats of your own to one data set'),
  'export': (
    'pipelines.export',
    'a finished run to Parquet, ArrayRecord, chats',
  ),
  'verify': ('pipelines.verify', 'checks an output against its manifest'),
  'inspect': (
    'pipelines.inspect.__main__',
    'examples of a run, in the terminal',
  ),
  'report': ('pipelines.report.__main__', 'finished runs as one HTML page'),
  'show': ('pipelines.show', 'a task as a run renders it, by rows of yours'),
  'tasks': ('tasks.__main__', 'lists and shows the tasks of the collection'),
  'mixtures': ('mixtures.__main__', 'lists and shows mixtures'),
  'score': ('tasks.evaluation.__main__', 'predictions on one suite, scored'),
  'scores': ('tasks.evaluation.__main__', "all suites, beside papers' rows"),
  'template': (
    'pipelines.flex_template',
    "metadata of Dataflow's Flex Templates",
  ),
}

# These are subcommands of their modules, which take their names too.
_SUBCOMMANDS = ('score', 'scores')


def usage() -> str:
  """Lists the commands, a line each."""
  lines = [f'  {name:15}{about}' for name, (_, about) in COMMANDS.items()]
  return '\n'.join(
    [
      'usage: ul2-flan COMMAND ...',
      '',
      'Data for UL2R and Flan, for seqio and T5X. The commands:',
      '',
      *lines,
      '',
      '`ul2-flan COMMAND --help` says more; `python -m ul2_flan.pipelines.ul2`',
      'and so on do the same.',
    ]
  )


def main(argv: Sequence[str] | None = None) -> int:
  """Runs a command by its name; returns the exit status.

  Raises:
    UserError: there is no such command.
  """
  given = sys.argv[1:] if argv is None else argv
  if not given or given[0] in ('-h', '--help'):
    say(usage())
    return 0
  name, *rest = given
  if name not in COMMANDS:
    error = unknown('command', name, COMMANDS)
    raise UserError(f'{error}. See `ul2-flan --help`')
  module: Any = importlib.import_module(f'ul2_flan.{COMMANDS[name][0]}')
  if name in _SUBCOMMANDS:
    status: int = module.main([name, *rest], prog='ul2-flan')
  else:
    status = module.main(rest, prog=f'ul2-flan {name}')
  return status


def run() -> None:
  """Runs the command line of this process, and exits."""
  command.run_main(main)


if __name__ == '__main__':
  run()
