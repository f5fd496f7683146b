"""A process has one bucket for each scheme, made anew for other settings."""

from pathlib import Path

from apache_beam.io.filesystems import FileSystems
import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.tasks import buckets


@pytest.fixture(autouse=True)
def _fake_clients(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(buckets, '_known', {})
  monkeypatch.setattr(buckets, '_maker', lambda scheme: FakeClient)


def given(monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
  monkeypatch.setattr(FileSystems, '_pipeline_options', options)


def test_a_bucket_is_made_once_for_the_same_settings(
  monkeypatch: pytest.MonkeyPatch,
):
  given(monkeypatch, ['a'])
  first = buckets.bucket_of('gs://b/x')
  assert buckets.bucket_of('gs://other/y') is first
  assert buckets.bucket_of('s3://b/x') is not first
  given(monkeypatch, ['a'])  # other options, equal settings
  assert buckets.bucket_of('gs://b/x') is first
  given(monkeypatch, ['b'])
  assert buckets.bucket_of('gs://b/x') is not first


def test_files_are_read_wherever_they_are(
  tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
  given(monkeypatch, ['a'])
  path = tmp_path / 'x'
  path.write_bytes(b'on the disk')
  assert buckets.read_anywhere(str(path)) == b'on the disk'
  buckets.bucket_of('gs://b/x').write_bytes('gs://b/x', b'in a bucket')
  assert buckets.read_anywhere('gs://b/x') == b'in a bucket'


@pytest.mark.parametrize('path', ['gs', 'gs:/b', 'gs.txt', 'hdfs://b/x'])
def test_other_paths_are_no_bucket(path: str):
  assert not buckets.is_bucket(path)
