"""Hands calls to worker processes, which may die or be stopped at any time.

Each worker has a pipe of its own, so the death of one disturbs no other: a new
one takes over its call. A worker that has lost its launcher ends.
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

# How often a call is tried if its worker dies or its bucket fails. The second
# try waits a delay, in seconds, the third two. Each request to a bucket has
# been tried for a minute before (docs/buckets.md), so these need not be long.
_TRIES = 3
_DELAY = 1.0

# So many failed calls say enough of what is wrong.
_MAX_FAILURES = 20

# Seconds between two looks at the memory of the workers.
_WATCH_SECONDS = 0.25


class Pool:
  """The workers of one run, which a context manager ends."""

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
      workers: how many; a single one that is not watched is this process.
      worker_bytes: the most memory of each; 0 for no limit.
      options: Beam's, by name, for its file systems.
      watched: whether the limit holds for a single worker too. Then it is a
        process that can be ended, since nobody would end the launcher.
    """
    self._alone = workers == 1 and not watched
    self._watched = watched
    self._count = workers
    self._worker_bytes = worker_bytes
    self._options = dict(options)
    self._workers: list[Process] = []
    # A pipe on which nothing is ever sent. The launcher alone holds `_life`
    # open, so workers see the end of `_alive` when it is gone, however it went.
    self._alive, self._life = multiprocessing.Pipe(duplex=False)

  def start(self) -> None:
    """Starts the workers before there are calls, if they can be forks.

    Forks have at once all that is imported. They need a launcher with a single
    thread (see `may_fork`); later, another thread shows progress.
    """
    if not self._alone and may_fork():
      while len(self._workers) < self._count:
        self._workers.append(self._new_worker())

  def _new_worker(self) -> Process:
    inherited = [self._life, *(w.pipe for w in self._workers)]
    return Process(self._alive, inherited, self._options)

  def __enter__(self) -> Pool:
    return self

  def __exit__(self, *error: object) -> None:
    for worker in self._workers:
      worker.process.terminate()
    # All tidy up at the same time; whoever is not done by then is killed.
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
    self, stage: Stage, calls: Sequence[Call]
  ) -> Iterator[tuple[Call, Result]]:
    """Makes calls; yields each with its result, in the order in which they end.

    After `_MAX_FAILURES`, or a failure that all others would meet, it gives up
    the calls that have not ended.
    """
    if self._alone or (len(calls) == 1 and not self._watched):
      results = _results_here(stage, calls)
    else:
      results = self._results_of_workers(stage, calls)
    failures = 0
    for call, result in results:
      yield call, result
      if isinstance(result, Failure):
        failures += 1
        if result.is_final or failures == _MAX_FAILURES:
          return

  def _results_of_workers(
    self, stage: Stage, calls: Sequence[Call]
  ) -> Iterator[tuple[Call, Result]]:
    """Keeps all workers busy until each call has its result."""
    waiting = collections.deque(calls)
    tries = dict.fromkeys((call.index for call in calls), 0)
    left = len(calls)
    while left:
      while len(self._workers) < min(self._count, left):
        self._workers.append(self._new_worker())
      for worker in self._workers:
        if waiting and worker.call is None:
          call = waiting.popleft()
          worker.begin(stage, call, _DELAY * tries[call.index])
          tries[call.index] += 1
      for worker, result in self._ended(stage):
        ended, worker.call = worker.call, None
        if ended is None:
          continue  # it died before it had anything to do
        if (
          isinstance(result, Failure)
          and result.is_transient
          and tries[ended.index] < _TRIES
        ):
          waiting.append(ended)
          continue
        left -= 1
        yield ended, result

  def _ended(self, stage: Stage) -> list[tuple[Process, Result]]:
    """Waits a while; returns workers that are done with their call, or dead."""
    ended: list[tuple[Process, Result]] = []
    ready = connection.wait([w.pipe for w in self._workers], _WATCH_SECONDS)
    for worker in list(self._workers):
      if worker.pipe in ready:
        try:
          ended.append((worker, worker.pipe.recv()))
        except (EOFError, OSError):
          ended.append((worker, self._bury(worker, stage)))
      elif 0 < self._worker_bytes < memory.resident(worker.process.pid):
        worker.process.kill()
        self._bury(worker, stage)
        ended.append((worker, _too_large(stage, worker, self._worker_bytes)))
    return ended

  def _bury(self, worker: Process, stage: Stage) -> Failure:
    """Takes out a dead worker; returns its call's failure, if not tried again.

    The call goes on in another worker unless this was the last try.
    """
    worker.process.join(STOP_SECONDS)
    worker.pipe.close()
    self._workers.remove(worker)
    code = worker.process.exitcode
    how = f'signal {-code}' if code and code < 0 else f'status {code}'
    return _failure(
      stage,
      worker,
      f'WorkerDied: its worker ended with {how}, {_TRIES} times. Linux sends '
      'signal 9 where memory is short: try fewer --local_workers',
      is_transient=True,
    )


def _too_large(stage: Stage, worker: Process, limit: int) -> Failure:
  """The failure of a call that took too much memory: another try would too."""
  return _failure(
    stage,
    worker,
    f'MemoryError: its worker took more than its share of {limit / 1e6:.0f} MB.'
    ' Give fewer --local_workers or a larger --local_memory_mb',
    is_transient=False,
  )


def _failure(
  stage: Stage, worker: Process, error: str, *, is_transient: bool
) -> Failure:
  """The failure of a worker's call; one without a call has no number."""
  call = worker.call or Call(-1, None, (), '')
  return Failure(
    stage.label, call.index, call.key, error, is_transient=is_transient
  )


def _results_here(
  stage: Stage, calls: Sequence[Call]
) -> Iterator[tuple[Call, Result]]:
  """Makes calls in this process, and tries each as often as workers would."""
  worker = StageWorker(stage)
  for call in calls:
    for attempt in range(1, _TRIES + 1):
      result = result_of(worker, stage, call)
      if not (isinstance(result, Failure) and result.is_transient):
        break
      if attempt < _TRIES:
        time.sleep(_DELAY * attempt)
    yield call, result
