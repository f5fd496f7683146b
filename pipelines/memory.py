"""How much memory this machine has free."""

from __future__ import annotations

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
