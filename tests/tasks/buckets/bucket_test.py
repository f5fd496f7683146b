"""A bucket lists, reads, writes and deletes objects, and tries again."""

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.tasks.buckets import client as client_lib
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.buckets.bucket import Bucket


@pytest.fixture(autouse=True, scope='module')
def _no_waits():
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(retries.time, 'sleep', lambda _: None)
    patch.setattr(client_lib, 'PAGE', 2)
    yield


def filled(*names: str) -> tuple[Bucket, FakeClient]:
  client = FakeClient()
  client.objects = {f'gs://b/{name}': name.encode() for name in names}
  return Bucket(client), client


def test_sizes_and_existence():
  bucket, client = filled('a')
  assert bucket.size('gs://b/a') == 1
  assert bucket.exists('gs://b/a')
  assert not bucket.exists('gs://b/b')
  with pytest.raises(FileNotFoundError):
    bucket.size('gs://b/b')
  client.failures = [ConnectionError()] * 99
  with pytest.raises(retries.BucketError, match='gs://b/a: cannot read'):
    bucket.exists('gs://b/a')


def test_an_object_of_other_bytes_has_another_version():
  bucket, client = filled('a', 'b')
  before = bucket.version('gs://b/a')
  assert before == bucket.version('gs://b/a')
  client.objects['gs://b/a'] = b'c'
  assert bucket.version('gs://b/a') != before
  with pytest.raises(FileNotFoundError):
    bucket.version('gs://b/c')


@pytest.mark.parametrize(
  ('pattern', 'names'),
  [
    ('*', ['a']),
    ('**', ['a', 'd/1', 'd/2', 'd/e/3', 'e/1']),
    ('d/*', ['d/1', 'd/2']),
    ('d/', ['d/1', 'd/2']),
    ('?/1', ['d/1', 'e/1']),
    ('d/[2-9]', ['d/2']),
    ('a', ['a']),
    ('d', []),
    ('f/*', []),
  ],
)
def test_patterns(pattern: str, names: list[str]):
  bucket, client = filled('a', 'd/1', 'd/2', 'd/e/3', 'e/1', 'd/e/')
  expected = [(f'gs://b/{name}', len(name)) for name in names]
  client.failures = [ConnectionError()]
  assert bucket.match(f'gs://b/{pattern}') == expected


def test_a_folder_is_no_pattern():
  bucket, _ = filled('a[1]/x', 'a[1]/y/z', 'a1/x', 'a[1]b', 'a[1]/y/')
  below = [path for path, _ in bucket.below('gs://b/a[1]/')]
  assert below == ['gs://b/a[1]/x', 'gs://b/a[1]/y/z']
  assert bucket.below('gs://b/a*/') == []


def test_a_listing_takes_as_many_pages_as_there_are():
  bucket, client = filled(*map(str, range(10, 15)))
  assert len(bucket.match('gs://b/*')) == 5
  assert client.calls == ['page'] * 3


@given(data=st.binary(max_size=40), start=st.integers(0, 40))
def test_what_is_written_is_read(data: bytes, start: int):
  bucket, _ = filled()
  bucket.write_bytes('gs://b/x', data)
  assert bucket.read_bytes('gs://b/x') == data
  with bucket.open_read('gs://b/x') as file:
    file.seek(start)
    assert file.read() == data[start:]


def test_a_read_that_comes_short_is_tried_again(
  monkeypatch: pytest.MonkeyPatch,
):
  bucket, client = filled('name')
  short = [b'n', b'', b'nam']
  whole = client.read
  monkeypatch.setattr(
    client, 'read', lambda *args: short.pop(0) if short else whole(*args)
  )
  assert bucket.read('gs://b/name', 0, 4) == b'name'
  monkeypatch.setattr(client, 'read', lambda *_: b'na')
  with pytest.raises(
    retries.BucketError, match='2 bytes came of 4, from byte 0'
  ):
    bucket.read('gs://b/name', 0, 4)


def test_a_write_that_fails_leaves_the_older_object():
  bucket, client = filled('x')
  client.failures = [ConnectionError()] * retries.TRIES
  with pytest.raises(retries.BucketError, match='cannot write'):
    bucket.write_bytes('gs://b/x', b'new')
  assert client.objects == {'gs://b/x': b'x'}


@pytest.mark.parametrize('number', [0, 1, 40])
def test_deleting(number: int):
  names = [f'{i}' for i in range(number)]
  bucket, client = filled(*names, 'kept')
  client.failures = [ConnectionError()] * min(number, 1)
  # Some are gone already.
  bucket.delete([f'gs://b/{name}' for name in [*names, *names[:1]]])
  assert set(client.objects) == {'gs://b/kept'}


def test_the_first_writer_of_an_object_keeps_it():
  bucket, client = filled()
  client.failures = [ConnectionError()]
  assert bucket.write_first('gs://b/x', b'one')
  assert not bucket.write_first('gs://b/x', b'two')
  assert client.objects == {'gs://b/x': b'one'}
