"""Memory is measured in bytes; None or 0 says that nobody knows."""

import os

from ul2_flan.pipelines.engines import memory


def test_free_memory_is_read_from_the_table(tmp_path):
  table = tmp_path / 'meminfo'
  table.write_text('MemTotal:  99 kB\nMemAvailable:    12 kB\nCached: 5 kB\n')
  process = str(tmp_path)  # without limits
  assert memory.available(str(table), process) == 12 * 1024
  table.write_text('MemTotal:  99 kB\n')
  assert memory.available(str(table), process) is None
  assert memory.available(str(tmp_path / 'none'), process) is None


def test_a_process_grows_by_what_it_takes():
  before = memory.resident()
  held = bytearray(b'x' * (64 << 20))
  assert memory.resident(os.getpid()) - before > 32 << 20
  del held


def test_a_process_that_is_gone_takes_nothing():
  assert memory.resident(2**22 + 1) == 0  # above Linux's largest number
