"""How much memory this machine has free, and a process takes."""

from __future__ import annotations

import os
from pathlib import Path
import re


def available(meminfo: str = '/proc/meminfo') -> int | None:
  """Bytes that can be had without swapping; None where that cannot be told."""
  try:
    text = Path(meminfo).read_text()
  except OSError:
    return None
  match = re.search(r'^MemAvailable: *(\d+) kB', text, re.MULTILINE)
  return int(match[1]) * 1024 if match else None


def resident(pid: int | None = None) -> int:
  """Bytes of memory of a process, by default this; 0 where none can tell."""
  try:
    pages = Path(f'/proc/{pid or "self"}/statm').read_text().split()[1]
  except OSError:
    return 0
  return int(pages) * os.sysconf('SC_PAGE_SIZE')
