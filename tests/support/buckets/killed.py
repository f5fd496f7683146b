"""Runs fetch and flan in processes that are killed on the way.

A process of its own: it imports all once, and each command is a fork of it. Its
arguments are a folder and the flags of both commands, as JSON.
"""

import json
import os
from pathlib import Path
import signal
import sys
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.buckets import collection

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import planning
from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.run import reports
from ul2_flan.tasks import __main__ as tasks
from ul2_flan.tasks.catalog import downloads
from ul2_flan.tasks.fetch.lock import Lock


def killed(command: Any, flags: list[str], owner: Any, name: str, at: int):
  """Runs a command that is killed when a function is called the `at`th time."""
  child = os.fork()
  if not child:
    real, calls = getattr(owner, name), iter(range(at - 1))

    def call(*args: Any, **more: Any) -> Any:
      if next(calls, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
      return real(*args, **more)

    setattr(owner, name, call)
    command(flags)
    os._exit(1)
  status = os.waitpid(child, 0)[1]
  if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
    sys.exit(f'{flags[0]} ended before it could be killed: {status}')


def main() -> None:
  folder, fetched, made = json.loads(sys.argv[1])
  os.chdir(folder)
  planning._ITEM_BYTES = collection.ITEM_BYTES
  table = collection.known()
  downloads._table = lambda: table
  # A file is there and not in the lock.
  killed(tasks.main, fetched, Lock, 'write', 4)
  if tasks.main(fetched):
    sys.exit('fetch failed')
  # The first items are whole; then one whose report is missing.
  killed(flan.main, made, map_only, 'process_item', 3)
  killed(flan.main, made, reports, 'write', 2)


if __name__ == '__main__':
  main()
