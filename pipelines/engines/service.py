"""Gives Dataflow, or a cluster of Flink or Spark, what it needs of a job.

A job needs a name, paths that mean the same on every machine, and options that
suit our workers. A launcher needs to know whether to wait for its end.
"""

from collections.abc import Iterator, Sequence
import posixpath
import re
from typing import Any

from apache_beam.options.pipeline_options import (
  DebugOptions,
  GoogleCloudOptions,
  SetupOptions,
  StandardOptions,
  TestOptions,
)
from apache_beam.runners.runner import PipelineState

from ul2_flan.pipelines.engines import on_beam
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.engines.engine import Engine
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.errors import UserError

_DATAFLOW = 'DataflowRunner'

# Beam's portable runners: their workers are started by the cluster.
_CLUSTERS = ('FlinkRunner', 'SparkRunner', 'PortableRunner')

# Dataflow's limit for a name that may carry labels.
_MAX_NAME = 63


def job_name(plan: Plan, variant: str) -> str:
  """Names a job: kind of run, its name, preset or mixture, and its plan.

  The same plan gives the same name, so Dataflow refuses to run it twice at
  once. Dataflow's rules: lower case letters, digits and hyphens, a letter
  first, no hyphen last, 63 characters at most.

  Args:
    plan: the plan.
    variant: its preset or mixture (`Kind.variant`).
  """
  words: list[str] = []
  for word in (plan.kind, plan.config.get('name', ''), variant):
    slug = re.sub(r'[^a-z0-9]+', '-', word.lower()).strip('-')
    # By default a run is named after its preset or mixture.
    if slug and not any(slug in known for known in words):
      words.append(slug)
  tail = f'-{plan.fingerprint[:8]}'
  head = '-'.join(words)[: _MAX_NAME - len(tail)]
  return head.strip('-') + tail


def prepare(engine: Engine, plan: Plan, output: str, variant: str) -> None:
  """Fills in the options that nobody gave; leaves those of other runners alone.

  Raises:
    UserError: workers would not find a path, or could not write to it.
  """
  options, dry = engine.options, is_dry(engine)
  if dry and engine.runner != _DATAFLOW:
    raise UserError(
      f'--dry_run is for {_DATAFLOW}, and --runner is {engine.runner}'
    )
  if engine.runner not in (_DATAFLOW, *_CLUSTERS):
    return
  if not dry:
    _check_paths(engine.runner, plan, output)
  cloud = options.view_as(GoogleCloudOptions)
  cloud.job_name = cloud.job_name or job_name(plan, variant)
  setup = options.view_as(SetupOptions)
  if setup.save_main_session is None:
    # Nothing of ours is in __main__, and pickling it costs every worker.
    setup.save_main_session = False
  if setup.requirements_file is None and setup.requirements_cache is None:
    # Beam would make this folder, put nothing into it and leave it behind.
    setup.requirements_cache = 'skip'
  workers = options.view_as(DebugOptions)
  if workers.number_of_worker_harness_threads is None:
    # There is a process for each core. A second thread in it has no core, and
    # would hold a second work item in memory.
    workers.number_of_worker_harness_threads = 1


def _check_paths(runner: str, plan: Plan, output: str) -> None:
  """Refuses paths that workers on other machines would not find."""
  if runner == _DATAFLOW and '://' not in output:
    raise UserError(
      f"--output '{output}' is on this machine, where workers on Dataflow "
      'cannot write: give a folder on a bucket, such as gs://BUCKET/DIR'
    )
  for path in (output, *_read(plan)):
    if '://' not in path and not posixpath.isabs(path):
      raise UserError(
        f"'{path}' is relative, and workers of {runner} start in a folder of "
        'their own: give absolute paths, on a file system that all of them see'
      )


def _read(plan: Plan) -> Iterator[str]:
  """Lists the paths that workers read."""
  yield from plan.sources()
  if vocabulary := plan.config.get('vocabulary'):
    yield vocabulary['path']
  for mixed in plan.config.get('manifests', ()):
    yield mixed['output']


def is_dry(engine: Engine) -> bool:
  """Whether Beam builds the job and does not submit it."""
  return bool(engine.options.view_as(TestOptions).dry_run)


def leaves(engine: Engine) -> bool:
  """Whether the launcher ends as soon as the job is submitted.

  A template's launcher must end, or the service never starts the job.
  """
  cloud = engine.options.view_as(GoogleCloudOptions)
  standard = engine.options.view_as(StandardOptions)
  return bool(
    engine.no_wait or standard.no_wait_until_finish or cloud.template_location
  )


def is_left(result: Any, engine: Engine) -> bool:
  """Whether a job, if there is one, goes on without the launcher.

  Local runners return when all is done, whatever they were told.
  """
  template = engine.options.view_as(GoogleCloudOptions).template_location
  if is_dry(engine) or template:
    return True
  if not leaves(engine):
    return False
  # To ask Dataflow for the state of a job is a call that may fail.
  remote = engine.runner == _DATAFLOW
  return remote or not PipelineState.is_terminal(result.state)


def of_job(result: Any, engine: Engine) -> str:
  """Tells, in a line, of a job that the launcher does not wait for."""
  cloud = engine.options.view_as(GoogleCloudOptions)
  name = cloud.job_name
  if cloud.template_location:
    return f"job '{name}' is described in {cloud.template_location}"
  if not is_dry(engine):
    return f"job '{name}' is submitted; the same command, later, tells its end"
  # What Dataflow limits is the serialised pipeline; its runner keeps it.
  proto = getattr(getattr(result, 'job', None), 'proto_pipeline', None)
  size = f'{proto.ByteSize():,} bytes' if proto else 'of unknown size'
  return f"job '{name}' is built and not submitted; its pipeline is {size}"


def build(chains: Sequence[Chain], engine: Engine) -> str:
  """Builds the jobs of a run, submits none, and tells of each in a line."""
  notes = []
  for chain in chains:
    with on_beam.pipeline(engine.options) as pipeline:
      _ = pipeline | OnBeam(chain)
      notes.append(of_job(pipeline.run(), engine))
  return '\n'.join(notes)


def run(chain: Chain, engine: Engine) -> str:
  """Runs a chain to its end, or until a service has it.

  Returns:
    what to tell of a job that goes on without the launcher; '' if it has ended.
  """
  with on_beam.pipeline(engine.options) as pipeline:
    _ = pipeline | OnBeam(chain)
    result = pipeline.run()
  if is_left(result, engine):
    return of_job(result, engine)
  result.wait_until_finish()
  return ''
