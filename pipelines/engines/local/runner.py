"""Runs our pipelines on this machine: processes, and a shuffle on disk.

Beam's own local runner works on one core and keeps all that it shuffles in
memory. This one takes the same transforms, as long as they form a chain of an
impulse, ParDos and GroupByKeys, and does each key of a grouping as a task of a
pool of processes:

    impulse → ParDos │ each key → ParDos │ each key → ParDos
                  group             group

Small values pass through the launcher; large ones lie in files of a scratch
folder, of which it holds the places. So its memory is that of a list of keys.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import os
from pathlib import Path
import tempfile
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import PipelineVisitor
from apache_beam.runners.runner import (
  PipelineResult,
  PipelineRunner,
  PipelineState,
)

from ul2_flan.pipelines.engines import memory
from ul2_flan.pipelines.engines.local.pool import Pool
from ul2_flan.pipelines.engines.local.stage import Call, Failure, Stage, Value

NAME = 'local'

# Of the memory that is free at the start, what workers may take by default.
_SHARE_OF_MEMORY = 0.9


class WorkFailedError(Exception):
  """Some tasks failed; all others of their stage are done.

  Attributes:
    failures: what failed, in order.
  """

  def __init__(self, failures: list[Failure]):
    super().__init__('\n'.join(f.error for f in failures))
    self.failures = failures


def cores() -> int:
  """Cores that this process may use."""
  if hasattr(os, 'sched_getaffinity'):
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1


class LocalRunner(PipelineRunner):
  """Beam's runner for this machine.

  Each pipeline has workers of its own, but for those run within `started`.
  """

  def __init__(self, workers: int, memory_bytes: int = 0, scratch: str = ''):
    """Starts nothing yet.

    Args:
      workers: processes; with one and no bound of memory, all is done in
        this one.
      memory_bytes: what all of them may take together, 0 for most of what is
        free. A task that takes more than its worker's share fails.
      scratch: a local folder for what is shuffled, if it exists then; by
        default the system's.
    """
    super().__init__()
    free = memory.available() or 0
    limit = memory_bytes or int(free * _SHARE_OF_MEMORY)
    self._workers = workers
    self._worker_bytes = limit // workers
    self._watched = bool(memory_bytes)
    self._scratch = scratch
    self._pool: Pool | None = None

  @contextlib.contextmanager
  def started(self, options: PipelineOptions) -> Iterator[None]:
    """Starts workers; the pipelines run in the body share them.

    Args:
      options: of these pipelines.
    """
    with self._new_pool(options) as pool:
      pool.start()
      self._pool = pool
      try:
        yield
      finally:
        self._pool = None

  def _new_pool(self, options: PipelineOptions) -> Pool:
    # Of Beam's options, those of buckets matter to workers.
    given = options.get_all_options(drop_default=True)
    return Pool(self._workers, self._worker_bytes, given, watched=self._watched)

  def run_pipeline(
    self, pipeline: beam.Pipeline, options: PipelineOptions
  ) -> PipelineResult:
    """Runs to the end.

    Raises:
      WorkFailedError: tasks failed.
    """
    stages = _stages(pipeline)
    with contextlib.ExitStack() as stack:
      scratch = stack.enter_context(
        tempfile.TemporaryDirectory(
          prefix='shuffle-',
          dir=self._scratch if os.path.isdir(self._scratch) else None,
          ignore_cleanup_errors=True,
        )
      )
      pool = self._pool or stack.enter_context(self._new_pool(options))
      groups: dict[Any, list[Value]] = {None: []}
      for number, stage in enumerate(stages):
        folder = Path(scratch, f'{number:03d}')
        folder.mkdir()
        tasks = [
          Call(index, key, tuple(values), str(folder / f'{index:06d}'))
          for index, (key, values) in enumerate(groups.items())
        ]
        groups = _grouped(pool, stage, tasks)
    return PipelineResult(PipelineState.DONE)


def _grouped(
  pool: Pool, stage: Stage, tasks: list[Call]
) -> dict[Any, list[Value]]:
  """Does a stage; its output by key, in the order of the tasks."""
  outputs = {}
  failures = []
  for task, result in pool.run(stage, tasks):
    if isinstance(result, Failure):
      failures.append(result)
    else:
      outputs[task.index] = result
  if failures:
    raise WorkFailedError(sorted(failures, key=lambda f: f.task))
  groups: dict[Any, list[Value]] = {}
  for index in sorted(outputs):
    for key, value in outputs[index]:
      groups.setdefault(key, []).append(value)
  return groups


def _stages(pipeline: beam.Pipeline) -> list[Stage]:
  """The chain of a pipeline, cut where it groups."""
  visitor = _Chain()
  pipeline.visit(visitor)
  stages: list[Stage] = []
  steps: list[Any] = []
  for label, transform in visitor.leaves:
    if isinstance(transform, beam.GroupByKey):
      stages.append(Stage.of(steps, groups=True, is_first=not stages))
      steps = []
    elif isinstance(transform, beam.ParDo):
      steps.append((label, transform))
    elif not isinstance(transform, beam.Impulse):
      raise ValueError(
        f"the local runner knows no {type(transform).__name__} ('{label}')"
      )
  return [*stages, Stage.of(steps, groups=False, is_first=not stages)]


class _Chain(PipelineVisitor):
  """Collects leaves; each must read what the one before it wrote."""

  def __init__(self) -> None:
    self.leaves: list[tuple[str, beam.PTransform[Any, Any]]] = []
    self._last: Any = None

  def visit_transform(self, transform_node: Any) -> None:
    if self.leaves and list(transform_node.inputs) != [self._last]:
      raise ValueError(
        f"'{transform_node.full_label}' does not follow the step before it: "
        'the local runner knows chains alone'
      )
    label = transform_node.full_label.split('/')[-1]
    self.leaves.append((label, transform_node.transform))
    self._last = transform_node.outputs.get(None)
