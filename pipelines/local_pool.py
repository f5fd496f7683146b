"""Processes that do tasks: they may die, and can be stopped at any time.

Each worker has a pipe of its own, so the death of one disturbs no other: its
task is tried again by a new one. A worker that has lost its launcher ends.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping, Sequence
import contextlib
import logging
import multiprocessing
from multiprocessing import connection
import os
import signal
import sys
import threading
import time
import types
from typing import Any
import warnings

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions

from ul2_flan.pipelines import memory
from ul2_flan.pipelines.local_stage import (
  Failure,
  Stage,
  Task,
  Value,
  Worker,
)

Result = list[tuple[Any, Value]] | Failure

# How often a task is tried whose worker died or whose bucket failed, and how
# many seconds the next try waits.
_TRIES = 3
_DELAY = 1.0

# So many failed tasks say enough of what is wrong.
_MAX_FAILURES = 20

# How often memory is looked at, and how long stopped workers may tidy up.
_WATCH_SECONDS, _STOP_SECONDS = 0.25, 0.5

# Whether no threads are in this process but Python's, which it can count.
_is_ours = False


def own_process() -> None:
  """Says that this process is a command of ours: workers may be its forks."""
  global _is_ours
  _is_ours = True


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
    self._watched = watched
    self._count = workers
    self._worker_bytes = worker_bytes
    self._options = dict(options)
    self._workers: list[_Process] = []
    # Closed when the launcher is gone, however it went.
    self._alive, self._life = multiprocessing.Pipe(duplex=False)

  def start(self) -> None:
    """Starts workers ahead of their tasks, while there is one thread.

    They are forks then: they have at once all that is imported.
    """
    if (self._count > 1 or self._watched) and _may_fork():
      while len(self._workers) < self._count:
        self._workers.append(self._worker())

  def _worker(self) -> _Process:
    inherited = [self._life, *(w.pipe for w in self._workers)]
    return _Process(self._alive, inherited, self._options)

  def __enter__(self) -> Pool:
    return self

  def __exit__(self, *error: object) -> None:
    for worker in self._workers:
      worker.process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for worker in self._workers:
      worker.process.join(max(0, deadline - time.monotonic()))
      worker.process.kill()
      worker.process.join()
      worker.pipe.close()
    self._workers = []
    self._alive.close()
    self._life.close()

  def run(
    self, stage: Stage, tasks: Sequence[Task]
  ) -> Iterator[tuple[Task, Result]]:
    """Does tasks; yields what came of each, in the order that they end.

    After `_MAX_FAILURES`, or an error that all would meet, those that have not
    begun are left.
    """
    if not self._watched and (self._count == 1 or len(tasks) == 1):
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
    self, stage: Stage, tasks: Sequence[Task]
  ) -> Iterator[tuple[Task, Result]]:
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

  def _ended(self, stage: Stage) -> list[tuple[_Process, Result]]:
    """Waits a while; workers that are done with their tasks, or dead."""
    found: list[tuple[_Process, Result]] = []
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

  def _buried(self, worker: _Process, stage: Stage) -> Failure:
    """Takes a dead worker out; what its task is told if there is no retry."""
    worker.process.join(_STOP_SECONDS)
    worker.pipe.close()
    self._workers.remove(worker)
    task = worker.task or Task(-1, None, (), '')
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


def _too_large(stage: Stage, worker: _Process, limit: int) -> Failure:
  task = worker.task or Task(-1, None, (), '')
  return Failure(
    stage.label,
    task.index,
    task.key,
    f'MemoryError: its worker took more than its share of {limit / 1e6:.0f} MB.'
    ' Give fewer --local_workers or a larger --local_memory_mb',
  )


def _done_here(
  stage: Stage, tasks: Sequence[Task]
) -> Iterator[tuple[Task, Result]]:
  """Does tasks in this process, with the same tries."""
  worker = Worker(stage)
  for task in tasks:
    for attempt in range(1, _TRIES + 1):
      result = _result(worker, stage, task)
      if not (isinstance(result, Failure) and result.is_transient):
        break
      if attempt < _TRIES:
        time.sleep(_DELAY * attempt)
    yield task, result


def _result(worker: Worker, stage: Stage, task: Task) -> Result:
  try:
    return worker.do(task)
  except Exception as e:
    return Failure.of(stage, task, e)


class _Process:
  """A worker, as the launcher sees it.

  Attributes:
    process: the process.
    pipe: to it.
    task: what it does, or None.
  """

  def __init__(
    self,
    alive: connection.Connection,
    inherited: list[connection.Connection],
    options: dict[str, Any],
  ) -> None:
    self.pipe, theirs = multiprocessing.Pipe()
    forks = _may_fork()
    # A fork has copies of all that is open here.
    more = (*inherited, self.pipe) if forks else ()
    self.process = _context(forks=forks).Process(
      target=_serve, args=(theirs, alive, more, options), daemon=True
    )
    with warnings.catch_warnings():
      # From Python 3.12 on, of the threads of NumPy and Arrow, which know what
      # to do in a fork.
      warnings.simplefilter('ignore', DeprecationWarning)
      self.process.start()
    # Of their end there must be one copy, or its closing goes unnoticed.
    theirs.close()
    self.task: Task | None = None

  def begin(self, stage: Stage, task: Task, delay: float) -> None:
    """Sends a task. A dead worker is noticed when its answer is read."""
    self.task = task
    with contextlib.suppress(OSError):
      self.pipe.send((stage, task, delay))


def _may_fork() -> bool:
  """Whether a fork of this process would find no lock held."""
  alone = _is_ours and threading.active_count() == 1
  return alone and sys.platform == 'linux'


def _context(*, forks: bool) -> Any:
  """A multiprocessing context.

  Without forks of the launcher, processes are those of a server that has our
  modules and no threads, where there are such: to import all takes two seconds.
  """
  if forks:
    return multiprocessing.get_context('fork')
  if 'forkserver' not in multiprocessing.get_all_start_methods():
    return multiprocessing.get_context('spawn')
  found = multiprocessing.get_context('forkserver')
  found.set_forkserver_preload([__name__, 'ul2_flan.pipelines.jobs'])
  return found


def _serve(
  pipe: connection.Connection,
  alive: connection.Connection,
  inherited: Sequence[connection.Connection],
  options: dict[str, Any],
) -> None:
  """A worker's life.

  Args:
    pipe: to the launcher.
    alive: at its end when the launcher is gone.
    inherited: what only the launcher is to hold open.
    options: Beam's, by name.
  """
  for other in inherited:
    other.close()
  # Ctrl-C reaches all processes of a terminal; the launcher decides.
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  signal.signal(signal.SIGTERM, _leave)
  threading.Thread(
    target=_leave_with_launcher, args=(alive,), daemon=True
  ).start()
  # What goes wrong is said by the launcher, once.
  logging.getLogger('apache_beam').setLevel(logging.CRITICAL)
  FileSystems.set_options(PipelineOptions.from_dictionary(options))
  worker: Worker | None = None
  while True:
    try:
      stage, task, delay = pipe.recv()
    except (EOFError, OSError):
      return
    time.sleep(delay)
    result: Result
    try:
      if worker is None or worker.stage != stage:
        worker = Worker(stage)
      result = _result(worker, stage, task)
    except Exception as e:
      result = Failure.of(stage, task, e)
    pipe.send(result)


def _leave(signal_number: int, frame: Any) -> None:
  """Unwinds, so that temporary files are removed."""
  del signal_number, frame  # there is one signal and one thing to do
  sys.exit(1)


def _leave_with_launcher(alive: connection.Connection) -> None:
  alive.poll(None)
  os.kill(os.getpid(), signal.SIGTERM)
  time.sleep(_STOP_SECONDS)
  os._exit(1)
