"""Servers of buckets: they start once, and each test finds them empty."""

from __future__ import annotations

from collections.abc import Iterator

from apache_beam.io.filesystems import FileSystems
import pytest
from support.buckets.services import AWS, Service, gs_server, s3_server

from ul2_flan.tasks import buckets
from ul2_flan.tasks.buckets import client, retries


@pytest.fixture(scope='session')
def gs_service() -> Iterator[Service]:
  with gs_server() as proxy:
    yield Service('gs', proxy, ())


@pytest.fixture(scope='session')
def s3_service() -> Iterator[Service]:
  with s3_server() as proxy:
    url = f'--s3_endpoint_url={proxy.url}'
    yield Service('s3', proxy, (url, '--s3_region_name=us-east-1'))


@pytest.fixture(params=['gs', 's3'])
def service(
  request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
  """Each of the two services, with waits that are short enough for a test."""
  found: Service = request.getfixturevalue(f'{request.param}_service')
  if found.scheme == 'gs':
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', found.proxy.url)
  for name, value in AWS.items():
    monkeypatch.setenv(name, value)
  monkeypatch.setattr(retries, 'FIRST_WAIT', 0.01)
  monkeypatch.setattr(retries, 'LAST_WAIT', 0.02)
  monkeypatch.setattr(client, 'TIMEOUT', 20.0)
  monkeypatch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0.0)
  monkeypatch.setattr(FileSystems, '_pipeline_options', found.options)
  # A client takes a while to make, so tests share it.
  monkeypatch.setattr(buckets, '_known', dict(found.known))
  found.bucket = buckets.bucket_of(found.path(''))
  found.known = dict(buckets._known)
  found.proxy.reset()
  yield found
  found.proxy.reset()
  found.empty()
  found.proxy.reset()
