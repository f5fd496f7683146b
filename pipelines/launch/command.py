"""What the commands share: running a plan to its end, and telling of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
import contextlib
import gc
import json
import logging
import os
import signal
import sys
import time
from typing import Any

import apache_beam as beam
from apache_beam.options import pipeline_options

from ul2_flan.pipelines.engines import local, progress, runners, service
from ul2_flan.pipelines.engines.local import process
from ul2_flan.pipelines.launch import (
  failures,
  finish,
  forecast,
  materialise,
  resume,
)
from ul2_flan.pipelines.run import summary
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

# The pipelines of a run, given its plan and output.
Steps = Callable[[Plan, str, Budget], Iterable[beam.PTransform[Any, Any]]]


def run_main(main: Callable[[Sequence[str] | None], int]) -> None:
  """Runs a command's main: mistakes are a line, not a stack trace."""
  logging.basicConfig(level=logging.WARNING)
  # What is imported stays, and forks have it in common.
  gc.freeze()
  process.own_process()
  # Those who run commands for others stop them so.
  signal.signal(signal.SIGTERM, signal.default_int_handler)
  try:
    status = main(None)
    sys.stdout.flush()
    sys.exit(status)
  except UserError as e:
    print(f'error: {e}', file=sys.stderr)
    sys.exit(2)
  except KeyboardInterrupt:
    print('\nstopped', file=sys.stderr)
    sys.exit(failures.INTERRUPTED)
  except BrokenPipeError:
    # Whoever read what is printed has read enough; Python would flush the rest.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
  except OSError as e:
    # Of a file or an object, which it names, before there was a run.
    print(f'error: {type(e).__name__}: {e}', file=sys.stderr)
    sys.exit(1)


def tell(
  plan: Plan,
  args: argparse.Namespace,
  described: str,
  particular: Mapping[str, Any] | None = None,
) -> None:
  """Prints what is planned, for a person or for a program.

  Args:
    plan: the plan.
    args: our flags.
    described: what is particular to this kind of run, for a person.
    particular: the same for a program, beside `summary.facts_of`.
  """
  if args.json and not args.plan_only:
    raise UserError('--json is for the plan alone: give --plan_only too')
  cost = forecast.measure(plan) if args.plan_only else None
  if args.json:
    facts = summary.facts_of(plan, args.output, cost) | dict(particular or {})
    print(json.dumps(facts, indent=2, ensure_ascii=False))
  else:
    print(described, '\n')
    print(summary.of_plan(plan, args.output, cost), '\n')


def run(
  plan: Plan,
  output: str,
  args: argparse.Namespace,
  options: pipeline_options.PipelineOptions,
  *,
  strict: bool = False,
  steps: Steps = materialise.steps,
) -> int:
  """Runs a plan, or what is left of it, and prints what came of it.

  Args:
    plan: what is to be done.
    output: the output folder.
    args: our flags.
    options: Beam's.
    strict: see `Budget`.
    steps: what is run, one pipeline after the other.

  Returns:
    an exit status: 0 if the output is whole.
  """
  if not output:
    raise UserError('--output is empty: name a folder')
  service.prepare(options, plan, output)
  budget = Budget(args.max_reject_fraction, strict)
  if service.is_dry(options):
    _build(options, steps(plan, output, budget))
    return 0
  runner = runners.of(plan, output, args, options)
  if args.overwrite:
    resume.delete_run(output, plan)
  if resume.is_complete(output, plan):
    print(f'{output} is complete; there is nothing to do.\n')
    _print_summary(output)
    return 0
  resume.refuse_other_run(output, plan)
  resume.check_room(output, plan)
  resume.write_plan(output, plan)
  _, done = progress.state(plan, output)
  if done:
    print(f'{done} of {len(plan.items)} work items are done already.')
  start = time.monotonic()
  # What goes wrong is said by `failures`, once.
  logging.getLogger('apache_beam.runners.common').setLevel(logging.CRITICAL)
  try:
    left = _run(
      plan, output, args, options, runner, steps(plan, output, budget)
    )
  except (Exception, KeyboardInterrupt) as e:
    return failures.tell(e, plan, output)
  if not left:
    print(f'\ndone in {time.monotonic() - start:.0f} s\n')
    _print_summary(output)
  return 0


def _build(
  options: pipeline_options.PipelineOptions,
  steps: Iterable[beam.PTransform[Any, Any]],
) -> None:
  """Builds what would be run, and leaves everything as it is."""
  for step in steps:
    with runners.pipeline(None, options) as pipeline:
      _ = pipeline | step
      print(service.of_job(pipeline.run(), options))


def _run(
  plan: Plan,
  output: str,
  args: argparse.Namespace,
  options: pipeline_options.PipelineOptions,
  runner: local.LocalRunner | None,
  steps: Iterable[beam.PTransform[Any, Any]],
) -> bool:
  """Runs steps, one after the other; whether a service goes on with one."""
  # Workers first: they are forks, and to show progress takes a thread.
  workers = runner.started(options) if runner else contextlib.nullcontext()
  with workers, progress.shown(plan, output):
    for step in steps:
      with runners.pipeline(runner, options) as pipeline:
        _ = pipeline | step
        result = pipeline.run()
      if service.is_left(result, options, args.no_wait):
        print(service.of_job(result, options))
        return True
      result.wait_until_finish()
  return False


def _print_summary(output: str) -> None:
  """What the last step of a run wrote, wherever it ran."""
  print(files.read_bytes(files.join(output, finish.SUMMARY)).decode())
  print(f'manifest: {files.join(output, manifest_lib.FILE_NAME)}')
