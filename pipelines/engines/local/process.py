"""A worker process: how the launcher starts it, and what it does inside.

A worker is a fork of the launcher if nothing can go wrong with that, else a
fork of a clean server process, else a new process.
"""

from collections.abc import Iterator, Sequence
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

from ul2_flan.pipelines.engines.local.stage import (
  Call,
  Failure,
  Stage,
  StageWorker,
  Value,
)
from ul2_flan.pipelines.storage import schemes

# What a call emits, keys with values; or why it failed.
Result = list[tuple[Any, Value]] | Failure

# How long a process that is stopped may take to remove its temporary files.
STOP_SECONDS = 0.5

# Modules that a server of forks imports before the first: all that workers
# need, which takes two seconds.
_PRELOADED = (__name__, 'ul2_flan.pipelines.launch.transform')

# Whether this process is a command of ours. All threads of a command are
# Python's, which Python counts; a program that calls us may have others.
_is_ours = False


def own_process() -> None:
  """Declares that this process is a command of ours: workers may be forks."""
  global _is_ours
  _is_ours = True


def result_of(worker: StageWorker, stage: Stage, call: Call) -> Result:
  """Makes a call; returns what it emits, or its failure."""
  try:
    return worker.do(call)
  except Exception as e:
    return Failure.of(stage, call, e)


class Process:
  """A worker process, as the launcher sees it.

  Attributes:
    process: the process.
    pipe: takes calls to it, and brings their results.
    call: what it is doing; None if it waits.
  """

  def __init__(
    self,
    alive: connection.Connection,
    inherited: list[connection.Connection],
    options: dict[str, Any],
  ) -> None:
    """Starts the process.

    Args:
      alive: ends when the launcher is gone; see `Pool`.
      inherited: what only the launcher may hold open.
      options: Beam's, by name.
    """
    self.pipe, theirs = multiprocessing.Pipe()
    forks = may_fork()
    # A fork has copies of all that is open here, and closes these first.
    more = (*inherited, self.pipe) if forks else ()
    self.process = _context(forks=forks).Process(
      target=_serve, args=(theirs, alive, more, options), daemon=True
    )
    with contextlib.ExitStack() as stack:
      if not forks:
        stack.enter_context(_without_main())
      stack.enter_context(warnings.catch_warnings())
      # From Python 3.12 on, forks warn of other threads. The only ones here are
      # NumPy's and Arrow's, and these libraries handle forks themselves.
      warnings.simplefilter('ignore', DeprecationWarning)
      self.process.start()
    # We close our copy of their end. Otherwise, when the worker dies, the pipe
    # stays open and we never see its end.
    theirs.close()
    self.call: Call | None = None

  def begin(self, stage: Stage, call: Call, delay: float) -> None:
    """Sends a call, which the worker makes after some seconds of delay.

    It does not raise if the worker is dead: that shows when its result is read.
    """
    self.call = call
    with contextlib.suppress(OSError):
      self.pipe.send((stage, call, delay))


def may_fork() -> bool:
  """Whether this process can be forked safely.

  A fork has only the thread that forks. If another held a lock at that moment,
  the lock stays held for ever, and whoever needs it in the fork hangs.
  """
  alone = _is_ours and threading.active_count() == 1
  return alone and sys.platform == 'linux'


def _context(*, forks: bool) -> Any:
  """Returns multiprocessing's context for starting workers.

  Without forks of the launcher, workers are forks of a server process that has
  imported our modules and has no other threads; on systems without it, new
  processes that import everything themselves.
  """
  if forks:
    return multiprocessing.get_context('fork')
  if 'forkserver' not in multiprocessing.get_all_start_methods():
    return multiprocessing.get_context('spawn')
  context = multiprocessing.get_context('forkserver')
  context.set_forkserver_preload(list(_PRELOADED))
  return context


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
  """Keeps a new process from importing the program that runs in this one.

  multiprocessing would have it import the file of `__main__`. A worker needs
  nothing of that, and a script that calls us would run anew in each worker,
  unless its author knew of `if __name__ == '__main__'`.
  """
  main = sys.modules['__main__']
  sys.modules['__main__'] = types.ModuleType('__main__')
  try:
    yield
  finally:
    sys.modules['__main__'] = main


def _serve(
  pipe: connection.Connection,
  alive: connection.Connection,
  inherited: Sequence[connection.Connection],
  options: dict[str, Any],
) -> None:
  """Makes calls until the launcher closes the pipe, or is gone.

  Args:
    pipe: brings calls, and takes their results to the launcher.
    alive: ends when the launcher is gone.
    inherited: what only the launcher may hold open; closed here.
    options: Beam's, by name.
  """
  for other in inherited:
    other.close()
  # Ctrl-C reaches all processes of a terminal. The launcher decides what it
  # means, and sends SIGTERM.
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  signal.signal(signal.SIGTERM, _leave)
  threading.Thread(
    target=_leave_with_launcher, args=(alive,), daemon=True
  ).start()
  # The launcher tells what goes wrong, once: Beam would log it in each worker.
  logging.getLogger('apache_beam').setLevel(logging.CRITICAL)
  if options:
    schemes.set_options(options)
  worker: StageWorker | None = None
  while True:
    try:
      stage, call, delay = pipe.recv()
    except (EOFError, OSError):
      return
    time.sleep(delay)
    result: Result
    try:
      if worker is None or worker.stage != stage:
        worker = StageWorker(stage)
      result = result_of(worker, stage, call)
    except Exception as e:
      # The stage's own setup failed, when it read the vocabulary, say.
      result = Failure.of(stage, call, e)
    pipe.send(result)


def _leave(signal_number: int, frame: Any) -> None:
  """Ends the worker by an exception, so that temporary files are removed."""
  del signal_number, frame  # only SIGTERM leads here, from anywhere
  sys.exit(1)


def _leave_with_launcher(alive: connection.Connection) -> None:
  """Waits for the launcher's end, in a thread, then ends this process."""
  # Nothing is ever sent: `poll` returns when the other end has been closed.
  alive.poll(None)
  os.kill(os.getpid(), signal.SIGTERM)
  time.sleep(STOP_SECONDS)
  os._exit(1)
