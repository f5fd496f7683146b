"""What a run elsewhere needs beside the pipeline: a name, and paths that hold.

Elsewhere is Dataflow, or a cluster of Flink or Spark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import posixpath
import re
from typing import Any

from apache_beam.options.pipeline_options import (
  DebugOptions,
  GoogleCloudOptions,
  PipelineOptions,
  SetupOptions,
  StandardOptions,
  TestOptions,
)
from apache_beam.runners.runner import PipelineState

from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.tasks import denoising
from ul2_flan.tasks.errors import UserError

_DATAFLOW = 'DataflowRunner'

# Beam's portable runners: their workers are started by the cluster.
_CLUSTERS = ('FlinkRunner', 'SparkRunner', 'PortableRunner')

# Dataflow's limit for a name that may carry labels.
_MAX_NAME = 63


def job_name(plan: Plan) -> str:
  """The kind of run, its name, its preset or mixture, and its plan.

  As Dataflow allows it: lower case letters, digits and hyphens, a letter first
  and no hyphen last, 63 characters at most. The same plan has the same name, so
  that the service refuses to run it twice at once.
  """
  words: list[str] = []
  for word in (plan.job, plan.config.get('name', ''), _preset(plan.config)):
    slug = re.sub(r'[^a-z0-9]+', '-', word.lower()).strip('-')
    # Names are by default those of presets and mixtures.
    if slug and not any(slug in known for known in words):
      words.append(slug)
  tail = f'-{plan.fingerprint[:8]}'
  head = '-'.join(words)[: _MAX_NAME - len(tail)]
  return head.strip('-') + tail


def _preset(config: Mapping[str, Any]) -> str:
  if 'denoisers' in config:
    return denoising.parse_table(config['denoisers'], 'the plan').name
  mixture: str = config.get('mixture', '')
  return mixture


def prepare(options: PipelineOptions, plan: Plan, output: str) -> None:
  """Fills in what was not given; leaves options of other runners alone.

  Raises:
    UserError: a path is not the same for workers, or not theirs to write.
  """
  runner = options.view_as(StandardOptions).runner
  if is_dry(options) and runner != _DATAFLOW:
    raise UserError(f'--dry_run is for {_DATAFLOW}, and --runner is {runner}')
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
  workers = options.view_as(DebugOptions)
  if workers.number_of_worker_harness_threads is None:
    # There is a process for each core. A second thread in it has no core, and
    # would hold a second work item in memory.
    workers.number_of_worker_harness_threads = 1


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


def leaves(options: PipelineOptions, no_wait: bool) -> bool:
  """Whether the launcher is to end when the job is submitted.

  A template's launcher must, or the service never starts the job.
  """
  cloud = options.view_as(GoogleCloudOptions)
  standard = options.view_as(StandardOptions)
  return bool(
    no_wait or standard.no_wait_until_finish or cloud.template_location
  )


def is_left(result: Any, options: PipelineOptions, no_wait: bool) -> bool:
  """Whether what was started, if anything, goes on without the launcher.

  Local runners return when all is done, whatever they were told.
  """
  if is_dry(options) or options.view_as(GoogleCloudOptions).template_location:
    return True
  if not leaves(options, no_wait):
    return False
  # To ask Dataflow for the state of a job is a call that may fail.
  remote = options.view_as(StandardOptions).runner == _DATAFLOW
  return remote or not PipelineState.is_terminal(result.state)


def of_job(result: Any, options: PipelineOptions) -> str:
  """A line on a job that this launcher does not wait for."""
  cloud = options.view_as(GoogleCloudOptions)
  name = cloud.job_name
  if cloud.template_location:
    return f"job '{name}' is described in {cloud.template_location}"
  if not is_dry(options):
    return f"job '{name}' is submitted; the same command, later, tells its end"
  # What Dataflow limits is the serialised pipeline; its runner keeps it.
  proto = getattr(getattr(result, 'job', None), 'proto_pipeline', None)
  size = f'{proto.ByteSize():,} bytes' if proto else 'of unknown size'
  return f"job '{name}' is built and not submitted; its pipeline is {size}"
