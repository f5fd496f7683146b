"""What a run on Dataflow needs beside the pipeline: a name, and a launcher."""

from __future__ import annotations

import re
from typing import Any

from apache_beam.options.pipeline_options import (
  GoogleCloudOptions,
  PipelineOptions,
  SetupOptions,
  StandardOptions,
  TestOptions,
)

from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks.errors import UserError

_RUNNER = 'DataflowRunner'

# Dataflow's limit for a name that may carry labels.
_MAX_NAME = 63


def job_name(plan: Plan) -> str:
  """The kind of run, its first data set and its plan, as Dataflow allows.

  Lower case letters, digits and hyphens, a letter first and no hyphen last, 63
  characters at most; the same plan has the same name, so that the service
  refuses to run it twice at once.
  """
  words = f'{plan.job}-{next(iter(plan.data_sets), "")}'.lower()
  tail = f'-{plan.fingerprint[:8]}'
  head = re.sub(r'[^a-z0-9]+', '-', words)[: _MAX_NAME - len(tail)]
  return head.strip('-') + tail


def prepare(options: PipelineOptions, plan: Plan, output: str) -> None:
  """Fills in what was not given; leaves options of other runners alone.

  Raises:
    UserError: the output is where workers cannot write.
  """
  if options.view_as(StandardOptions).runner != _RUNNER:
    return
  if '://' not in output and not is_dry(options):
    raise UserError(
      f"--output '{output}' is on this machine, which workers on Dataflow do "
      'not see: give a folder on a bucket, such as gs://BUCKET/DIR'
    )
  cloud = options.view_as(GoogleCloudOptions)
  cloud.job_name = cloud.job_name or job_name(plan)
  setup = options.view_as(SetupOptions)
  if setup.save_main_session is None:
    # Nothing of ours is in __main__, and pickling it costs every worker.
    setup.save_main_session = False


def is_dry(options: PipelineOptions) -> bool:
  """Whether a job is to be built and not submitted."""
  return bool(options.view_as(TestOptions).dry_run)


def leaves(options: PipelineOptions) -> bool:
  """Whether the launcher is to end when the job is submitted."""
  return bool(options.view_as(StandardOptions).no_wait_until_finish)


def of_job(result: Any, options: PipelineOptions) -> str:
  """A line on a job that this launcher does not wait for."""
  name = options.view_as(GoogleCloudOptions).job_name
  if not is_dry(options):
    return f"job '{name}' is submitted; the same command, later, tells its end"
  # What Dataflow limits is the serialised pipeline; its runner keeps it.
  proto = getattr(getattr(result, 'job', None), 'proto_pipeline', None)
  size = f'{proto.ByteSize():,} bytes' if proto else 'of unknown size'
  return f"job '{name}' is built and not submitted; its pipeline is {size}"
