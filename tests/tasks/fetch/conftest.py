"""Loopback copies of a host of archives and of the hub."""

from collections.abc import Iterator

import pytest
from support.buckets import collection
from support.buckets.archives import ARCHIVE, COMMIT, archive_of, cot_files
from support.buckets.hub import Hub

from ul2_flan.tasks import catalog
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.catalog import downloads
from ul2_flan.tasks.fetch import git_archive


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Hub]:
  """Both, with chain of thought and some of P3; the checksums are theirs."""
  table = collection.known()
  monkeypatch.setattr(downloads, '_table', lambda: table)
  subset = next(iter(catalog.tasks(suite='t0_sf'))).sources[0].locator
  p3 = {f'data/{subset}/a-{i}': bytes([i]) * 1000 for i in range(5)}
  p3['data/other/x'] = b'not wanted'
  hub = Hub({'datasets/bigscience/P3': {'main': p3}})
  for revision in (COMMIT, COMMIT[:7]):
    at = ARCHIVE.replace('e9e4ec6', revision)
    hub.others[at] = archive_of(cot_files())
  monkeypatch.setattr(retries, 'FIRST_WAIT', 0.001)
  monkeypatch.setenv('HF_HOME', str(tmp_path / 'home'))
  with hub.served():
    monkeypatch.setenv('HF_ENDPOINT', hub.url)
    monkeypatch.setenv(git_archive.HOST, hub.url)
    yield hub
