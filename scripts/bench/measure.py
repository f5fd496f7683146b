"""Measures work: CPU seconds of this process or of another, and peak memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import os
import resource
import subprocess
import sys
import time

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
