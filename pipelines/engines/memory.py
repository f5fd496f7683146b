"""Measures memory: what is free for this process, and what one takes."""

import os
from pathlib import Path
import re

from ul2_flan.pipelines.engines import containers


def available(
  meminfo: str = '/proc/meminfo', process: str = '/proc/self'
) -> int | None:
  """Returns the bytes that can be had without swapping; None if unknown.

  A container may have less than its machine.

  Args:
    meminfo: Linux's file of that name; other systems have none.
    process: Linux's folder about this process.
  """
  free = containers.free_memory(process)
  try:
    text = Path(meminfo).read_text()
  except OSError:
    return free
  match = re.search(r'^MemAvailable: *(\d+) kB', text, re.MULTILINE)
  if not match:
    return free
  machine = int(match[1]) * 1024
  return machine if free is None else min(free, machine)


def resident(pid: int | None = None) -> int:
  """Returns a process's resident bytes, by default this one's; 0 if unknown.

  Memory that forks share with their launcher counts for each of them.
  """
  try:
    pages = Path(f'/proc/{pid or "self"}/statm').read_text().split()[1]
  except OSError:
    return 0
  return int(pages) * os.sysconf('SC_PAGE_SIZE')
