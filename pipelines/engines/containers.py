"""Reads what a container may take of its machine: Linux's control groups.

A process is in a group, that in another, and so on; each may have limits, and
the lowest holds. Version 2 has one tree of groups, version 1 one for each kind
of limit. Inside a container the tree often begins at its own group. Linux's
documentation: admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/.
"""

from collections.abc import Iterator
import contextlib
from pathlib import Path


def cores(process: str = '/proc/self') -> float | None:
  """Returns how many cores' time this process may have; None for no limit.

  Args:
    process: Linux's folder about the process; other systems have none.
  """
  limits = []
  for folder in _folders(process, 'cpu'):
    quota = _read(
      folder / 'cpu.max'
    )  # such as '150000 100000', or 'max 100000'
    if not quota:
      quota = [
        *_read(folder / 'cpu.cfs_quota_us'),
        *_read(folder / 'cpu.cfs_period_us'),
      ]
    # Microseconds of each period; version 1 says -1 for no limit.
    with contextlib.suppress(ValueError):
      time, period = map(int, quota)
      if time > 0 and period > 0:
        limits.append(time / period)
  return min(limits, default=None)


def free_memory(process: str = '/proc/self') -> int | None:
  """Returns the bytes that this process can still have; None for no limit.

  Args:
    process: as for `cores`.
  """
  room = []
  for folder in _folders(process, 'memory'):
    for limit, used, cached in (
      ('memory.max', 'memory.current', 'inactive_file'),
      ('memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'),
    ):
      # For no limit, version 2 says 'max', version 1 a number near 2**63. That
      # leaves more room than any machine has, which does no harm.
      with contextlib.suppress(ValueError):
        (most,), (now,) = (
          map(int, _read(folder / name)) for name in (limit, used)
        )
        stat = _read(folder / 'memory.stat')
        fields = dict(zip(stat[::2], stat[1::2], strict=False))
        # What is cached of files is given back as soon as somebody needs room.
        room.append(max(0, most - now + int(fields.get(cached, 0))))
  return min(room, default=None)


def _read(path: Path) -> list[str]:
  """Reads the words of a file; none if it cannot be read."""
  try:
    return path.read_text().split()
  except OSError:
    return []


def _folders(process: str, kind: str) -> Iterator[Path]:
  """Yields the folders of the groups that limit a process, inmost first.

  Args:
    process: Linux's folder about it.
    kind: 'cpu' or 'memory'.
  """
  groups = {}  # by kinds of limits: the group's name; version 2 has no kinds
  for line in _lines(Path(process, 'cgroup')):
    _, kinds, name = line.split(':', 2)
    groups.update(dict.fromkeys(kinds.split(','), name))
  for line in _lines(Path(process, 'mountinfo')):
    # '31 23 0:28 /root /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate'
    before, _, after = line.partition(' - ')
    root, mount = before.split()[3:5]
    system, _, options = after.split(maxsplit=2)
    is_ours = system == 'cgroup' and kind in options.split(',')
    wanted = kind if is_ours else ''
    if (is_ours or system == 'cgroup2') and wanted in groups:
      yield from _upwards(Path(mount), root, groups[wanted])


def _upwards(mount: Path, root: str, name: str) -> Iterator[Path]:
  """Yields the folder of a group and of all around it that can be seen.

  Args:
    mount: where the tree is seen.
    root: the group that is seen there.
    name: the process's own; somewhere else if it lies not below the root.
  """
  inside = name == root or name.startswith(root.rstrip('/') + '/')
  below = name[len(root) :].strip('/') if inside else ''
  folder = mount / below
  yield folder
  while folder != mount:
    folder = folder.parent
    yield folder


def _lines(path: Path) -> list[str]:
  try:
    return path.read_text().splitlines()
  except OSError:
    return []
