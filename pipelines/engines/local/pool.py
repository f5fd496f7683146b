"""Processes that do tasks: they may die, and can be stopped at any time.

Each worker has a pipe of its own, so the death of one disturbs no other: its
task is tried again by a new one. A worker that has lost its launcher ends.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping, Sequence
import multiprocessing
from multiprocessing import connection
import time
import types
from typing import Any

from ul2_flan.pipelines.engines import memory
from ul2_flan.pipelines.engines.local.process import (
  STOP_SECONDS,
  Process,
  Result,
  may_fork,
  result_of,
)
from ul2_flan.pipelines.engines.local.stage import (
  Call,
  Failure,
  Stage,
  StageWorker,
)

# How often a task is tried whose worker died or whose bucket failed, and how
# many seconds the next try waits.
_TRIES = 3
_DELAY = 1.0

# So many failed tasks say enough of what is wrong.
_MAX_FAILURES = 20

# How often memory is looked at.
_WATCH_SECONDS = 0.25


class Pool:
  """Workers for one run; a context manager."""

  def __init__(
    self,
    workers: int,
    worker_bytes: int,
    options: Mapping[str, Any] = types.MappingProxyType({}),
    *,
    watched: bool = False,
  ):
    """Starts nothing yet.

    Args:
      workers: how many; with one, tasks are done in this process.
      worker_bytes: the most memory of each; 0 for no limit.
      options: Beam's, by name, for its file systems.
      watched: whether a single worker, too, is a process that can be ended.
    """
    # Nobody would end the launcher for the memory that it takes.
    self._alone = workers == 1 and not watched
    self._watched = watched
    self._count = workers
    self._worker_bytes = worker_bytes
    self._options = dict(options)
    self._workers: list[Process] = []
    # Closed when the launcher is gone, however it went.
    self._alive, self._life = multiprocessing.Pipe(duplex=False)

  def start(self) -> None:
    """Starts workers ahead of their tasks, while there is one thread.

    They are forks then: they have at once all that is imported.
    """
    if not self._alone and may_fork():
      while len(self._workers) < self._count:
        self._workers.append(self._worker())

  def _worker(self) -> Process:
    inherited = [self._life, *(w.pipe for w in self._workers)]
    return Process(self._alive, inherited, self._options)

  def __enter__(self) -> Pool:
    return self

  def __exit__(self, *error: object) -> None:
    for worker in self._workers:
      worker.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for worker in self._workers:
      worker.process.join(max(0, deadline - time.monotonic()))
      worker.process.kill()
      worker.process.join()
      worker.pipe.close()
    self._workers = []
    self._alive.close()
    self._life.close()

  def run(
    self, stage: Stage, tasks: Sequence[Call]
  ) -> Iterator[tuple[Call, Result]]:
    """Does tasks; yields what came of each, in the order that they end.

    After `_MAX_FAILURES`, or an error that all would meet, those that have not
    begun are left.
    """
    if self._alone or (len(tasks) == 1 and not self._watched):
      results = _done_here(stage, tasks)
    else:
      results = self._done_by_workers(stage, tasks)
    failures = 0
    for task, result in results:
      yield task, result
      if isinstance(result, Failure):
        failures += 1
        if result.is_final or failures == _MAX_FAILURES:
          return

  def _done_by_workers(
    self, stage: Stage, tasks: Sequence[Call]
  ) -> Iterator[tuple[Call, Result]]:
    waiting = collections.deque(tasks)
    tries = dict.fromkeys((t.index for t in tasks), 0)
    left = len(tasks)
    while left:
      while len(self._workers) < min(self._count, left):
        self._workers.append(self._worker())
      for worker in self._workers:
        if waiting and worker.task is None:
          task = waiting.popleft()
          worker.begin(stage, task, _DELAY * tries[task.index])
          tries[task.index] += 1
      for worker, result in self._ended(stage):
        done, worker.task = worker.task, None
        if done is None:
          continue  # it died before it had anything to do
        if (
          isinstance(result, Failure)
          and result.is_transient
          and tries[done.index] < _TRIES
        ):
          waiting.append(done)
          continue
        left -= 1
        yield done, result

  def _ended(self, stage: Stage) -> list[tuple[Process, Result]]:
    """Waits a while; workers that are done with their tasks, or dead."""
    found: list[tuple[Process, Result]] = []
    ready = connection.wait([w.pipe for w in self._workers], _WATCH_SECONDS)
    for worker in list(self._workers):
      if worker.pipe in ready:
        try:
          found.append((worker, worker.pipe.recv()))
        except (EOFError, OSError):
          found.append((worker, self._buried(worker, stage)))
      elif 0 < self._worker_bytes < memory.resident(worker.process.pid):
        worker.process.kill()
        self._buried(worker, stage)
        found.append((worker, _too_large(stage, worker, self._worker_bytes)))
    return found

  def _buried(self, worker: Process, stage: Stage) -> Failure:
    """Takes a dead worker out; what its task is told if there is no retry."""
    worker.process.join(STOP_SECONDS)
    worker.pipe.close()
    self._workers.remove(worker)
    task = worker.task or Call(-1, None, (), '')
    code = worker.process.exitcode
    how = f'signal {-code}' if code and code < 0 else f'status {code}'
    return Failure(
      stage.label,
      task.index,
      task.key,
      f'WorkerDied: its worker ended with {how}, {_TRIES} times. Linux sends '
      'signal 9 where memory is short: try fewer --local_workers',
      is_transient=True,
    )


def _too_large(stage: Stage, worker: Process, limit: int) -> Failure:
  task = worker.task or Call(-1, None, (), '')
  return Failure(
    stage.label,
    task.index,
    task.key,
    f'MemoryError: its worker took more than its share of {limit / 1e6:.0f} MB.'
    ' Give fewer --local_workers or a larger --local_memory_mb',
  )


def _done_here(
  stage: Stage, tasks: Sequence[Call]
) -> Iterator[tuple[Call, Result]]:
  """Does tasks in this process, with the same tries."""
  worker = StageWorker(stage)
  for task in tasks:
    for attempt in range(1, _TRIES + 1):
      result = result_of(worker, stage, task)
      if not (isinstance(result, Failure) and result.is_transient):
        break
      if attempt < _TRIES:
        time.sleep(_DELAY * attempt)
    yield task, result
