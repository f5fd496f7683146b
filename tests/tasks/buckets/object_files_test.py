"""Writers cut objects into parts; readers give the bytes that are asked for."""

import io

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.tasks.buckets import client as client_lib
from ul2_flan.tasks.buckets import object_files as lib
from ul2_flan.tasks.buckets import retries

PATH = 'gs://b/x'
PART = 4


@pytest.fixture(autouse=True, scope='module')
def _small_parts():
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(client_lib, 'PART_BYTES', PART)
    patch.setattr(lib, 'READ_BYTES', 3)
    patch.setattr(retries.time, 'sleep', lambda _: None)
    yield


@given(pieces=st.lists(st.binary(max_size=11), max_size=5))
def test_what_is_written_is_the_object(pieces: list[bytes]):
  client = FakeClient()
  writer = lib.Writer(client, PATH)
  for piece in pieces:
    writer.write(piece)
    assert client.objects == {}
  writer.complete()
  data = b''.join(pieces)
  assert client.objects == {PATH: data}
  # The last part has something, and no part but the last is smaller.
  parts = max(-(-len(data) // PART) - 1, 0)
  several = ['begin', *['part'] * parts, 'complete']
  assert client.calls == (several if parts else ['put'])


@given(size=st.integers(0, 3 * PART), failures=st.integers(0, 6))
def test_each_call_is_tried_again(size: int, failures: int):
  client = FakeClient()
  data = bytes(range(size))
  writer = lib.Writer(client, PATH)
  client.failures = [ConnectionError()] * failures
  writer.write(data)
  writer.complete()
  assert client.objects == {PATH: data}
  assert client.failures == []


def test_an_upload_says_how_often_it_is_tried(monkeypatch: pytest.MonkeyPatch):
  client = FakeClient()
  monkeypatch.setattr('support.buckets.fake_bucket.FakeUpload.tries', 1)
  writer = lib.Writer(client, PATH)
  writer.write(bytes(PART + 1))
  client.failures = [ConnectionError()]
  with pytest.raises(retries.BucketError, match='tried once'):
    writer.complete()


@pytest.mark.parametrize('size', [0, PART, PART + 1])
def test_given_up_nothing_appears(size: int):
  client = FakeClient()
  writer = lib.Writer(client, PATH)
  writer.write(bytes(size))
  # That giving up fails too is not told: another error came first.
  client.failures = [ZeroDivisionError()]
  writer.abort()
  assert client.objects == {}
  assert ('abort' in client.calls) == (size > PART)
  writer.abort()
  assert client.calls.count('abort') <= 1


DATA = bytes(range(20))


def read(path: str, start: int, end: int) -> bytes:
  assert path == PATH
  assert 0 <= start < end <= len(DATA)
  return DATA[start:end]


steps = st.lists(
  st.tuples(st.just('read'), st.integers(0, 25), st.just(0))
  | st.tuples(
    st.just('seek'), st.integers(-25, 25), st.sampled_from([0, 1, 2])
  ),
  max_size=8,
)


@given(steps=steps, buffered=st.booleans())
def test_a_reader_is_a_file(steps: list[tuple[str, int, int]], buffered: bool):
  raw = lib.Reader(read, PATH, len(DATA))
  ours = io.BufferedReader(raw, 8) if buffered else raw
  theirs = io.BytesIO(DATA)
  for kind, number, whence in steps:
    if kind == 'read':
      assert ours.read(number) == theirs.read(number)
    elif number >= 0 or whence:
      # BytesIO refuses a place before the beginning.
      assert ours.seek(number, whence) == theirs.seek(number, whence)
    assert ours.tell() == theirs.tell()
  assert ours.read() == theirs.read()


def test_a_whole_read_asks_for_a_few_bytes_at_a_time():
  asked = []

  def recorded(path: str, start: int, end: int) -> bytes:
    asked.append(end - start)
    return read(path, start, end)

  assert lib.Reader(recorded, PATH, 8).readall() == DATA[:8]
  assert asked == [3, 3, 2]
