"""Files of the hub come from one commit, and go on where they stopped."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch import hub_files
from ul2_flan.tasks.fetch.lock import Lock
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import places_of


def place_of(number: int):
  return places_of([list(catalog.tasks(suite='t0_sf'))[number]])[0]


def test_the_files_wanted_come_and_stay_the_same(servers, tmp_path):
  place, lock = place_of(0), Lock.read(tmp_path)
  # Half of a file is there from a run that was killed.
  half = (
    tmp_path / '.ul2-flan-fetch/t0_sf/bigscience/P3' / place.files[0] / 'a-3'
  )
  half.parent.mkdir(parents=True)
  half.write_bytes(bytes([3]) * 500)
  servers.faults, servers.cut = [(500, ''), (429, '0')], 2
  progress = Progress()
  assert hub_files.fetch(place, tmp_path, lock, progress) == 5
  assert (progress.came, progress.expected) == (4500, 4500)
  root = tmp_path / 't0_sf/bigscience/P3' / place.files[0]
  for i in range(5):
    assert (root / f'a-{i}').read_bytes() == bytes([i]) * 1000
  commit = lock.commits['hub:bigscience/P3']
  # The branch moves on: what the lock says is got, or refused.
  branches = servers.repos['datasets/bigscience/P3']
  branches['before'] = branches['main']
  branches['main'] = {f'{place.files[0]}/a-0': b'new'}
  (root / 'a-0').unlink()
  assert hub_files.fetch(place, tmp_path, lock) == 5
  assert (root / 'a-0').read_bytes() == bytes(1000)
  assert lock.commits['hub:bigscience/P3'] == commit


def test_what_is_not_there_is_an_error(servers, tmp_path):
  with pytest.raises(UserError, match='has none of the files wanted'):
    hub_files.listed(place_of(1), Lock.read(tmp_path))


def test_what_the_hub_has_converted_is_fetched(servers, tmp_path):
  """Where the main branch has a script, which nobody runs."""
  (place,) = places_of([catalog.load('flan2021:xsum')])
  servers.repos['datasets/EdinburghNLP/xsum'] = {
    'main': {'xsum.py': b''},
    'refs/convert/parquet': {'default/train/0000.parquet': b'rows'},
  }
  assert hub_files.fetch(place, tmp_path, Lock.read(tmp_path)) == 1
  path = tmp_path / 'flan2021/EdinburghNLP/xsum/default/train/0000.parquet'
  assert path.read_bytes() == b'rows'
