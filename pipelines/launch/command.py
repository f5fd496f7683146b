"""From a command line to an exit status, for all kinds of run."""

from collections.abc import Callable, Sequence
import dataclasses
import gc
import json
import logging
import os
import signal
import sys
import time
from typing import Any

from ul2_flan.pipelines.engines import Engine, progress
from ul2_flan.pipelines.engines.chain import Share
from ul2_flan.pipelines.engines.local import process
from ul2_flan.pipelines.launch import (
  estimate,
  failures,
  flags,
  outline,
  parsing,
)
from ul2_flan.pipelines.launch.common_flags import EPILOG, Options
from ul2_flan.pipelines.launch.kind import Kind
from ul2_flan.pipelines.launch.run import Launch
from ul2_flan.pipelines.run import Budget, Planned, paths
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import messages
from ul2_flan.tasks.arguments import Parser
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import complain, say


def run_main(main: Callable[[Sequence[str] | None], int]) -> None:
  """Runs a command's main and exits: a mistake is a line, not a stack trace.

  The exit status is that of `main`, 2 for a mistake in what was given, 1 for a
  file that fails, and 130 after Ctrl-C.

  Args:
    main: takes arguments, or None for those of this process.
  """
  handler = logging.StreamHandler()
  handler.setFormatter(messages.Formatter(logging.BASIC_FORMAT))
  logging.basicConfig(level=logging.WARNING, handlers=[handler])
  sys.excepthook = messages.complain_of
  # Forks share the memory of all that is imported, as long as nobody writes to
  # it: the garbage collector would, when it marks what it has seen.
  gc.freeze()
  process.own_process()
  # Schedulers stop commands by SIGTERM: treat it as Ctrl-C.
  signal.signal(signal.SIGTERM, signal.default_int_handler)
  try:
    status = main(None)
    sys.stdout.flush()
    sys.exit(status)
  except UserError as e:
    complain(f'error: {e}')
    sys.exit(2)
  except KeyboardInterrupt:
    complain('\nstopped')
    sys.exit(failures.INTERRUPTED)
  except BrokenPipeError:
    # The reader of our output left. Python would try to flush the rest.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
  except OSError as e:
    # It names the file or object that failed before there was a run.
    complain(f'error: {type(e).__name__}: {e}')
    sys.exit(1)


def make_parser(kind: Kind[Any], prog: str = '') -> Parser:
  """Makes the parser of a kind's command.

  Args:
    kind: the kind of run.
    prog: what a person types to run the command.
  """
  return flags.make_parser(
    prog or f'python -m ul2_flan.pipelines.{kind.name}',
    kind.about,
    f'{kind.epilog}\n\n{EPILOG}'.lstrip(),
    kind.all_flags,
  )


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
  """A command line, read: a planned run, and how to do it.

  Attributes:
    planned: the run, planned.
    engine: who does the work.
    budget: how much may go wrong.
    options: what to do with the plan.
  """

  planned: Planned
  engine: Engine
  budget: Budget
  options: Options


def read(
  kind: Kind[Any], argv: Sequence[str] | None, prog: str = ''
) -> Command:
  """Reads a command line, and plans the run that it asks for.

  Raises:
    UserError: something is wrong that can be known before work starts.
  """
  groups = kind.all_flags
  values, beam_flags = parsing.parse(
    make_parser(kind, prog), argv, flags.names_of(groups)
  )

  def made(cls: type[Any], **more: Any) -> Any:
    return cls(**flags.values_of(groups, cls, values), **more)

  # Engine and budget first: planning reads samples of the sources, and nobody
  # should wait for that to learn of a misspelt runner.
  engine: Engine = made(Engine, beam_flags=tuple(beam_flags))
  engine.check()
  budget: Budget = made(Budget)
  options: Options = made(Options)
  config = kind.configure(flags.values_of(groups, kind.config, values))
  planned = kind.plan(config, options.output)
  return Command(planned, engine, budget, options)


def main(kind: Kind[Any], argv: Sequence[str] | None, prog: str = '') -> int:
  """Plans, and runs what is planned; returns the exit status.

  Raises:
    UserError: something is wrong that can be known before work starts.
  """
  given = read(kind, argv, prog)
  planned, budget, options = given.planned, given.budget, given.options
  _tell(planned, options)
  planned.refuse_missing(budget)
  if options.plan_only:
    return 0
  overwrite = options.overwrite
  return carry_out(Launch(planned, given.engine, budget, overwrite=overwrite))


def _tell(planned: Planned, options: Options) -> None:
  """Prints what is planned, for a person or for a program."""
  plan, output = planned.plan, planned.output
  cost = estimate.measure(plan) if options.plan_only else None
  if options.json:
    facts = outline.facts_of(plan, output, cost) | dict(planned.facts)
    say(json.dumps(facts, indent=2, ensure_ascii=False))
  else:
    say(planned.outline, '\n')
    say(outline.of_plan(plan, output, cost), '\n')


def carry_out(launch: Launch) -> int:
  """Runs a plan, or what is left of it, and prints what came of it.

  Returns:
    the exit status.
  """
  with launch:
    return _carry_out(launch)


def _carry_out(launch: Launch) -> int:
  outcome = launch.begin()
  plan, output = launch.plan, launch.output
  news = f'{output} is complete; there is nothing to do.\n'
  if outcome is None:
    _, done = progress.state(plan, output, Share())
    if done:
      say(
        f'{done} of {len(plan.items)} work items were done before; of these, '
        'any are done again whose sources or shards have changed since.'
      )
    start = time.monotonic()
    # `failures` tells what went wrong, once.
    logging.getLogger('apache_beam.runners.common').setLevel(logging.CRITICAL)
    try:
      outcome = launch.work(show_progress=True)
    except (Exception, KeyboardInterrupt) as e:
      return failures.tell(e, plan, output)
    news = f'\ndone in {time.monotonic() - start:.0f} s\n'
  if outcome.complete:
    say(news)
    # What the last step of the run wrote, wherever it ran.
    say(files.read_bytes(paths.summary_path(output)).decode())
    say(f'manifest: {paths.manifest_path(output)}')
  else:
    say(outcome.note)
  return 0
