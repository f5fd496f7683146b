"""Measures work: CPU seconds of this process or of another, and peak memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import contextlib
import os
from pathlib import Path
import resource
import subprocess
import sys
import time

from ul2_flan.pipelines.engines import memory

# Run in a process of its own, since a peak never falls: prints the peak after
# imports, and that at the end. VmHWM is in kB.
_PEAK = """
import re, sys
from ul2_flan.pipelines import {pipeline}
def peak():
  status = open('/proc/self/status').read()
  return int(re.search(r'VmHWM:\\s+(\\d+)', status)[1])
before = peak()
{pipeline}.main(sys.argv[1:])
print(before, peak())
"""


def cpu(work: Callable[[], object]) -> float:
  """Does work; returns the CPU seconds, user and system, of this process."""
  start = time.process_time()
  work()
  return time.process_time() - start


def command(
  arguments: Sequence[str],
  environment: Mapping[str, str] | None = None,
  python: str = sys.executable,
) -> tuple[float, str]:
  """Runs Python with these arguments in a process of its own.

  Returns:
    its CPU seconds, imports included, and what it printed.
  """
  # Keep compiled modules, as any machine does but one that runs tests. Without
  # them, importing would be most of what is measured.
  environment = dict(os.environ if environment is None else environment)
  environment.pop('PYTHONDONTWRITEBYTECODE', None)
  before = resource.getrusage(resource.RUSAGE_CHILDREN)
  done = subprocess.run(
    [python, *arguments], env=environment, capture_output=True, text=True
  )
  if done.returncode:
    raise RuntimeError(f'{arguments}: {done.stderr[-2000:]}')
  after = resource.getrusage(resource.RUSAGE_CHILDREN)
  user, system = (
    getattr(after, name) - getattr(before, name)
    for name in ('ru_utime', 'ru_stime')
  )
  return user + system, done.stdout


def held(arguments: Sequence[str]) -> tuple[float, float]:
  """Runs Python with these arguments, and watches it and its workers.

  Returns:
    the most megabytes of any of the processes, and of all together. What forks
    share counts for each of them.
  """
  largest = most = 0
  process = subprocess.Popen(
    [sys.executable, *arguments], stdout=subprocess.DEVNULL
  )
  workers = Path(f'/proc/{process.pid}/task/{process.pid}/children')
  while process.poll() is None:
    with contextlib.suppress(OSError):  # it has just ended
      pids = [process.pid, *map(int, workers.read_text().split())]
      sizes = [memory.resident(pid) for pid in pids]
      largest, most = max(largest, *sizes), max(most, sum(sizes))
    time.sleep(0.02)
  if process.returncode:
    raise RuntimeError(f'{arguments} failed')
  return largest / 1e6, most / 1e6


def peak(pipeline: str, flags: Sequence[str]) -> list[int]:
  """Measures the peak memory of a run, in a process of its own.

  Args:
    pipeline: 'ul2', 'flan' or 'mix'.
    flags: of its command. The run must stay in its process
      (`--local_workers=1`), or the memory is not its own.

  Returns:
    megabytes after imports, and megabytes above them at the peak.
  """
  _, printed = command(['-c', _PEAK.format(pipeline=pipeline), *flags])
  before, after = map(int, printed.splitlines()[-1].split())
  return [before // 1024, (after - before) // 1024]
