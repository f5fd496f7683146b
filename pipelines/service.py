"""What a run elsewhere needs beside the pipeline: a name, and paths that hold.

Elsewhere is Dataflow, or a cluster of Flink or Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
import posixpath
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

_DATAFLOW = 'DataflowRunner'

# Beam's portable runners: their workers are started by the cluster.
_CLUSTERS = ('FlinkRunner', 'SparkRunner', 'PortableRunner')

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
    UserError: a path is not the same for workers, or not theirs to write.
  """
  runner = options.view_as(StandardOptions).runner
  if runner not in (_DATAFLOW, *_CLUSTERS):
    return
  if runner == _DATAFLOW and '://' not in output and not is_dry(options):
    raise UserError(
      f"--output '{output}' is on this machine, which workers on Dataflow do "
      'not see: give a folder on a bucket, such as gs://BUCKET/DIR'
    )
  for path in (output, *_read(plan)):
    if '://' not in path and not posixpath.isabs(path) and not is_dry(options):
      raise UserError(
        f"'{path}' is relative, and workers of {runner} start in a folder of "
        'their own: give absolute paths, on a file system that all of them see'
      )
  cloud = options.view_as(GoogleCloudOptions)
  cloud.job_name = cloud.job_name or job_name(plan)
  setup = options.view_as(SetupOptions)
  if setup.save_main_session is None:
    # Nothing of ours is in __main__, and pickling it costs every worker.
    setup.save_main_session = False


def _read(plan: Plan) -> Iterator[str]:
  """What workers read."""
  yield from plan.sources()
  if vocabulary := plan.config.get('vocabulary'):
    yield vocabulary['path']
  for mixed in plan.config.get('manifests', ()):
    yield mixed['output']


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
