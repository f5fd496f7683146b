"""Measures memory: what this machine has free, and what a process takes."""

import os
from pathlib import Path
import re


def available(meminfo: str = '/proc/meminfo') -> int | None:
  """Returns the bytes that can be had without swapping; None if unknown.

  Args:
    meminfo: Linux's file of that name; other systems have none.
  """
  try:
    text = Path(meminfo).read_text()
  except OSError:
    return None
  match = re.search(r'^MemAvailable: *(\d+) kB', text, re.MULTILINE)
  return int(match[1]) * 1024 if match else None


def resident(pid: int | None = None) -> int:
  """Returns a process's resident bytes, by default this one's; 0 if unknown.

  Memory that forks share with their launcher counts for each of them.
  """
  try:
    pages = Path(f'/proc/{pid or "self"}/statm').read_text().split()[1]
  except OSError:
    return 0
  return int(pages) * os.sysconf('SC_PAGE_SIZE')
