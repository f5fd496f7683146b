"""Limits of control groups, in files as Linux has them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ul2_flan.pipelines.engines import containers, local, memory

MIB = 1 << 20
V2 = '31 23 0:28 {root} {mount} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
V1 = '35 31 0:32 {root} {mount} rw - cgroup cgroup rw,{kind}\n'


def write(folder: Path, files: Mapping[str, str]) -> None:
  for name, text in files.items():
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def process(
  folder: Path, version: int, group: str, files: Mapping[str, str], root='/'
) -> str:
  """Linux's folder about a process of a group, whose tree has these files."""
  write(folder / 'sys', files)
  name = '' if version == 2 else 'cpu,cpuacct'
  lines = f'3:{name}:{group}\n'
  mounts = '22 1 8:1 / / rw - ext4 /dev/root rw\n'
  if version == 2:
    mounts += V2.format(root=root, mount=folder / 'sys')
  else:
    lines += f'4:memory:{group}\n'
    for kind in ('cpu,cpuacct', 'memory'):
      mounts += V1.format(root=root, mount=folder / 'sys', kind=kind)
  write(folder / 'self', {'cgroup': lines, 'mountinfo': mounts})
  return str(folder / 'self')


@pytest.mark.parametrize(
  ('files', 'cores'),
  [
    ({'a/b/cpu.max': '150000 100000\n'}, 1.5),
    ({'a/b/cpu.max': 'max 100000\n'}, None),
    ({'a/b/cpu.max': 'max 100000\n', 'a/cpu.max': '50000 100000\n'}, 0.5),
    ({'a/b/cpu.max': '9 10\n', 'cpu.max': '7 1\n'}, 0.9),
    ({'a/b/cpu.max': 'what\n'}, None),
    ({'cpu.max': ''}, None),
  ],
)
def test_the_lowest_quota_of_version_2_holds(tmp_path, files, cores):
  assert containers.cores(process(tmp_path, 2, '/a/b', files)) == cores


@pytest.mark.parametrize(('quota', 'cores'), [('300000', 3.0), ('-1', None)])
def test_quotas_of_version_1(tmp_path, quota: str, cores):
  files = {'a/cpu.cfs_quota_us': quota, 'a/cpu.cfs_period_us': '100000\n'}
  assert containers.cores(process(tmp_path, 1, '/a', files)) == cores


def test_a_container_sees_its_group_as_the_root(tmp_path: Path):
  files = {'cpu.max': '200000 100000\n'}
  found = process(tmp_path, 2, '/docker/f00d', files, root='/docker/f00d')
  assert containers.cores(found) == 2
  # Or only the group around it, of which nothing else is shown.
  found = process(tmp_path, 2, '/docker/f00d', files, root='/docker/beef')
  assert containers.cores(found) == 2


def test_memory_of_version_2_is_what_can_be_given_back_too(tmp_path: Path):
  files = {
    'a/memory.max': f'{100 * MIB}\n',
    'a/memory.current': f'{70 * MIB}\n',
    'a/memory.stat': f'anon 5\nfile 9\ninactive_file {20 * MIB}\n',
    'memory.max': 'max\n',
    'memory.current': f'{90 * MIB}\n',
  }
  found = process(tmp_path, 2, '/a', files)
  assert containers.free_memory(found) == 50 * MIB
  write(tmp_path / 'sys', {'a/memory.current': f'{300 * MIB}\n'})
  assert containers.free_memory(found) == 0


def test_memory_of_version_1(tmp_path: Path):
  files = {
    'a/memory.limit_in_bytes': f'{100 * MIB}\n',
    'a/memory.usage_in_bytes': f'{70 * MIB}\n',
    'a/memory.stat': f'inactive_file 1\ntotal_inactive_file {MIB}\n',
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.usage_in_bytes': '1\n',
  }
  found = process(tmp_path, 1, '/a', files)
  assert containers.free_memory(found) == 31 * MIB


def test_other_systems_have_no_limits(tmp_path: Path):
  assert containers.cores(str(tmp_path)) is None
  assert containers.free_memory(str(tmp_path)) is None


def test_cores_and_free_memory_mean_those_of_the_container(tmp_path: Path):
  files = {
    'cpu.max': '20000 100000\n',
    'memory.max': '5000\n',
    'memory.current': '3000\n',
  }
  found = process(tmp_path, 2, '/', files)
  assert local.cores(found) == 1
  table = tmp_path / 'meminfo'
  table.write_text('MemAvailable: 1 kB\n')
  assert memory.available(str(table), found) == 1024
  table.write_text('MemAvailable: 12 kB\n')
  assert memory.available(str(table), found) == 2000
  assert memory.available(str(tmp_path / 'none'), found) == 2000
