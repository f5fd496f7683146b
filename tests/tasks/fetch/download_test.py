"""A file comes whole, whatever happens on the way."""

import hashlib

import pytest
from support.buckets.hub import Hub

from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch.download import download

DATA = bytes(range(256)) * 500


@pytest.fixture
def hub(monkeypatch):
  monkeypatch.setattr(retries, 'FIRST_WAIT', 0.001)
  with Hub({}, others={'file': DATA}).served() as served:
    yield served


@pytest.mark.parametrize('ranges', [True, False])
def test_it_goes_on_where_it_was_cut(hub, tmp_path, ranges):
  hub.cut, hub.moved, hub.ranges = 5, True, ranges
  hub.faults = [(503, ''), (429, '0')]
  came: list[int] = []
  sha = hashlib.sha256(DATA).hexdigest()
  path = tmp_path / 'd/file'
  download(f'{hub.url}/file', path, sha256=sha, progress=came.append)
  assert path.read_bytes() == DATA
  assert sum(came) == len(DATA) if ranges else sum(came) > len(DATA)
  assert [p.name for p in path.parent.iterdir()] == ['file']


def test_a_part_of_another_file_is_not_kept(hub, tmp_path):
  (tmp_path / 'file').write_bytes(b'old')
  (tmp_path / 'file.etag').write_text('"of an older one"')
  download(f'{hub.url}/file', tmp_path / 'file')
  assert (tmp_path / 'file').read_bytes() == DATA
  # One that is complete costs no byte, if its version is known.
  (tmp_path / 'file.etag').write_text(f'"{hashlib.sha256(DATA).hexdigest()}"')
  download(f'{hub.url}/file', tmp_path / 'file')
  assert (tmp_path / 'file').read_bytes() == DATA


def test_a_wrong_checksum_and_a_dead_server_are_errors(
  hub, tmp_path, monkeypatch
):
  with pytest.raises(UserError, match='and must have abc: it has changed'):
    download(f'{hub.url}/file', tmp_path / 'file', sha256='abc')
  assert not (tmp_path / 'file').exists()
  with pytest.raises(FileNotFoundError):
    download(f'{hub.url}/none', tmp_path / 'file')
  monkeypatch.setattr(retries, 'TRIES', 2)
  hub.faults = [(500, '')] * 2
  with pytest.raises(OSError, match='tried 2 times'):
    download(f'{hub.url}/file', tmp_path / 'file')
