"""A process that does tasks, from both of its ends."""

from __future__ import annotations

from collections.abc import Sequence
import contextlib
import logging
import multiprocessing
from multiprocessing import connection
import os
import signal
import sys
import threading
import time
from typing import Any
import warnings

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions

from ul2_flan.pipelines.engines.local.stage import (
  Call,
  Failure,
  Stage,
  StageWorker,
  Value,
)

Result = list[tuple[Any, Value]] | Failure

# How long a stopped process may tidy up.
STOP_SECONDS = 0.5

# Whether no threads are in this process but Python's, which it can count.
_is_ours = False


def own_process() -> None:
  """Says that this process is a command of ours: workers may be its forks."""
  global _is_ours
  _is_ours = True


def result_of(worker: StageWorker, stage: Stage, task: Call) -> Result:
  """What comes of a task."""
  try:
    return worker.do(task)
  except Exception as e:
    return Failure.of(stage, task, e)


class Process:
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
    forks = may_fork()
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
    self.task: Call | None = None

  def begin(self, stage: Stage, task: Call, delay: float) -> None:
    """Sends a task. A dead worker is noticed when its answer is read."""
    self.task = task
    with contextlib.suppress(OSError):
      self.pipe.send((stage, task, delay))


def may_fork() -> bool:
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
  found.set_forkserver_preload([__name__, 'ul2_flan.pipelines.run.kinds'])
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
  worker: StageWorker | None = None
  while True:
    try:
      stage, task, delay = pipe.recv()
    except (EOFError, OSError):
      return
    time.sleep(delay)
    result: Result
    try:
      if worker is None or worker.stage != stage:
        worker = StageWorker(stage)
      result = result_of(worker, stage, task)
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
  time.sleep(STOP_SECONDS)
  os._exit(1)
