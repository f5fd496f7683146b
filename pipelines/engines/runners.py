"""The runner that was asked for: ours for this machine, or one of Beam's."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
import contextlib
import shutil

import apache_beam as beam
from apache_beam.options.pipeline_options import (
  PipelineOptions,
  StandardOptions,
)

from ul2_flan.pipelines.engines import local, memory
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

# A worker loads the vocabulary and learns words anew, for half a second of its
# time; this much output takes some to make.
_WORKER_BYTES = 20 << 20

# What the smallest work items take beside what an idle worker holds.
_LEAST_BYTES = 100 << 20


def check(args: argparse.Namespace, options: PipelineOptions) -> None:
  """Tells of wrong options before anything is done.

  Raises:
    UserError: a number is out of its range, or Beam refuses its options.
  """
  for flag, value, least in (
    ('local_workers', args.local_workers, 1),
    ('local_memory_mb', args.local_memory_mb, 0),
  ):
    if value is not None and value < least:
      raise UserError(f'--{flag} is {value}: at least {least}')
  if not 0 <= args.max_reject_fraction <= 1:
    raise UserError(
      f'--max_reject_fraction is {args.max_reject_fraction}: it must be within '
      '[0, 1]'
    )
  if options.view_as(StandardOptions).runner != local.NAME:
    with pipeline(None, options):
      pass


def of(
  plan: Plan, output: str, args: argparse.Namespace, options: PipelineOptions
) -> local.LocalRunner | None:
  """Our own runner, if that was asked for; None for one of Beam's.

  Raises:
    UserError: its workers would have less memory than they begin with.
  """
  if options.view_as(StandardOptions).runner != local.NAME:
    return None
  workers = args.local_workers
  if workers is None:
    workers = plan.estimate['bytes'] // _WORKER_BYTES
    workers = min(max(workers, 1), local.cores())
  least = -(-workers * (memory.resident() + _LEAST_BYTES) // 10**6)
  if 0 < args.local_memory_mb < least:
    raise UserError(
      f'--local_memory_mb is {args.local_memory_mb}: {workers} workers take at '
      f'least {least}. Give fewer --local_workers or more memory'
    )
  # Where the result has room there is room for what is shuffled.
  scratch = files.join(output, plan_lib.PROGRESS_FOLDER)
  return local.LocalRunner(workers, args.local_memory_mb * 10**6, scratch)


@contextlib.contextmanager
def pipeline(
  runner: local.LocalRunner | None, options: PipelineOptions
) -> Iterator[beam.Pipeline]:
  """A pipeline to be filled and run, or not."""
  try:
    made = beam.Pipeline(runner=runner, options=options)
  except (ImportError, ValueError) as e:  # no such runner, or not installed
    raise UserError(f'Beam refuses its options: {e}') from e
  try:
    yield made
  finally:
    # Beam removes it when a pipeline has run, and else never.
    shutil.rmtree(made.local_tempdir, ignore_errors=True)
