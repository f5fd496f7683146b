"""Objects of buckets are read and written like files, also where calls fail."""

import gc
import io
import sys

import pytest
from support.buckets.services import Service

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks.buckets import client, retries
from ul2_flan.tasks.errors import UserError

PART = 256 << 10  # Google takes no less
LARGE = bytes(range(256)) * (PART // 256) * 2 + b'the end'


@pytest.fixture(autouse=True)
def _smaller_parts(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(client, 'PART_BYTES', PART)


def test_objects_are_files(service: Service):
  path = service.path('a/b.bin')
  files.write_bytes(path, b'0123456789', service.path('scratch'))
  assert files.exists(path)
  assert not files.exists(service.path('a'))
  assert files.read_bytes(path) == b'0123456789'
  with files.open_read(path) as file:
    assert file.read(3) == b'012'
    file.seek(-2, io.SEEK_END)
    assert (file.tell(), file.read()) == (8, b'89')
    file.seek(4)
    assert file.read(2) == b'45'
  version = files.version(path)
  assert version == files.version(path)
  files.write_bytes(path, b'another..9', service.path('scratch'))
  assert files.version(path) != version
  with pytest.raises(FileNotFoundError):
    files.version(service.path('never/there'))
  files.delete([path, service.path('never/there')])
  assert not files.exists(path)


def test_an_object_in_parts(service: Service):
  path = service.path('large')
  with files.whole_file(path, '') as file:
    for start in range(0, len(LARGE), 300_000):
      file.write(LARGE[start : start + (300_000)])
    assert not files.exists(path)
  assert file.size == len(LARGE)
  assert folders.match(path) == [(path, len(LARGE))]
  assert files.read_bytes(path) == LARGE
  with files.open_read(path) as file:
    file.seek(100)
    assert file.read(100_000) == LARGE[100 : 100 + (100_000)]
    assert file.read() == LARGE[100 + (100_000) :]


@pytest.mark.parametrize('size', [0, 1, PART, 2 * PART])
def test_sizes_where_calls_change(service: Service, size: int):
  path = service.path('object')
  files.write_bytes(path, LARGE[:size], '')
  assert folders.match(path) == [(path, size)]
  with files.open_read(path) as file:
    assert file.read() == LARGE[:size]


def test_patterns_are_those_of_beam(service: Service):
  names = ['a/1.txt', 'a/2.txt', 'a/b/3.txt', 'ab/4.txt', 'a/[x].txt']
  service.fill('d', {name: name.encode() for name in names})
  service.bucket.write_bytes(service.path('d/a/'), b'')  # a console's folder

  def found(pattern: str) -> list[str]:
    root = service.path('d/')
    return [p.removeprefix(root) for p, _ in folders.match(root + pattern)]

  assert found('**') == sorted(names)
  assert found('a/*.txt') == ['a/1.txt', 'a/2.txt', 'a/[x].txt']
  assert found('a*/?.txt') == ['a/1.txt', 'a/2.txt', 'ab/4.txt']
  assert found('a/') == ['a/1.txt', 'a/2.txt', 'a/[x].txt']
  assert found('a/[12].txt') == ['a/1.txt', 'a/2.txt']
  assert found('a/1.txt') == ['a/1.txt']
  assert found('c/*') == found('c') == found('a') == []


def test_a_listing_of_many_pages(
  service: Service, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(client, 'PAGE', 10)
  names = [f'{i:04d}' for i in range(25)]
  service.fill('many', dict.fromkeys(names, b'x'))
  service.proxy.reset()
  service.proxy.fail('list', 'many', status=503)
  found = folders.match(service.path('many/*'))
  assert found == [(service.path(f'many/{name}'), 1) for name in names]
  assert service.proxy.count('list') == 4  # three pages, and one of them twice


CALLS = {
  'read': lambda path: files.read_bytes(path),
  'write': lambda path: files.write_bytes(path, b'new', ''),
  'delete': lambda path: files.delete([path]),
}


@pytest.mark.parametrize('kind', CALLS)
@pytest.mark.parametrize('status', [429, 500, 503])
def test_a_fault_that_passes_is_tried_again(
  service: Service, kind: str, status: int
):
  path = service.fill('x', {'object': b'old'}) + '/object'
  service.proxy.reset()
  fault = service.proxy.fail(kind, 'object', status=status, times=3)
  result = CALLS[kind](path)
  assert fault.hits == 3
  assert service.proxy.count(kind, 'object') == 4
  expected = {'read': b'old', 'write': b'new', 'delete': None}[kind]
  if kind == 'read':
    assert result == b'old'
  left = service.files('x').get('object')
  assert left == expected


@pytest.mark.parametrize('kind', CALLS)
def test_tries_are_counted_and_the_object_is_named(service: Service, kind: str):
  path = service.fill('x', {'object': b'old'}) + '/object'
  service.proxy.reset()
  service.proxy.fail(kind, 'object', status=503, times=1000)
  with pytest.raises(retries.BucketError) as e:
    CALLS[kind](path)
  assert str(e.value).startswith(f'{path}: cannot {kind}, tried 7 times in ')
  assert '503' in str(e.value) or 'Unavailable' in str(e.value)
  assert service.proxy.count(kind, 'object') == retries.TRIES == 7
  service.proxy.reset()
  assert service.files('x') == {'object': b'old'}


@pytest.mark.parametrize('kind', CALLS)
def test_a_forbidden_call_fails_at_once(service: Service, kind: str):
  path = service.fill('x', {'object': b'old'}) + '/object'
  service.proxy.reset()
  service.proxy.fail(kind, 'object', status=403, times=1000)
  with pytest.raises(PermissionError, match='x/object') as e:
    CALLS[kind](path)
  assert e.value.filename == path
  assert service.proxy.count(kind, 'object') == 1


def test_a_missing_object_fails_at_once(service: Service):
  with pytest.raises(FileNotFoundError, match='no/object'):
    files.read_bytes(service.path('no/object'))
  elsewhere = f'{service.scheme}://no-such-bucket/object'
  with pytest.raises(FileNotFoundError, match='no-such-bucket/object'):
    files.write_bytes(elsewhere, b'', '')
  assert service.proxy.count('stat', 'no/object') == 1
  assert service.proxy.count('write', 'no-such-bucket') == 1


@pytest.mark.parametrize('cut', ['open', 'silent'])
@pytest.mark.parametrize('times', [1, 1000])
def test_a_truncated_read_is_noticed(service: Service, cut: str, times: int):
  path = service.path('object')
  files.write_bytes(path, LARGE[:100_000], '')
  service.proxy.fail('read', 'object', cut=cut, times=times)
  if times == 1:
    assert files.read_bytes(path) == LARGE[:100_000]
    return
  for read in (files.read_bytes, lambda path: files.open_read(path).read(10)):
    with pytest.raises(retries.BucketError, match=f'{path}: cannot read'):
      read(path)
  assert service.proxy.count('read') == 2 * retries.TRIES


def test_a_slow_read_is_waited_for(service: Service):
  path = service.fill('x', {'object': b'slow'}) + '/object'
  service.proxy.reset()
  service.proxy.fail('read', 'object', delay=0.5)
  assert files.read_bytes(path) == b'slow'
  assert service.proxy.count('read') == 1


def test_a_read_that_hangs_is_given_up_and_tried_again(
  service: Service, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(client, 'TIMEOUT', 0.3)
  monkeypatch.setattr('ul2_flan.tasks.buckets._known', {})
  path = service.fill('x', {'object': b'slow'}) + '/object'
  service.proxy.reset()
  service.proxy.fail('read', 'object', delay=2.0)
  assert files.read_bytes(path) == b'slow'
  assert service.proxy.count('read') == 2


@pytest.mark.parametrize('kind', ['write', 'finish'])
@pytest.mark.parametrize('how', [{'status': 503}, {'cut': 'late'}])
def test_a_write_that_fails_once_doubles_nothing(
  service: Service, kind: str, how: dict[str, object]
):
  """Also when the server did the call and only its answer was lost."""
  path = service.path('object')
  files.write_bytes(path, b'an older one', '')
  service.proxy.reset()
  fault = service.proxy.fail(kind, 'object', **how)
  if (service.scheme, kind, how) == ('gs', 'finish', {'cut': 'late'}):
    # The emulator, unlike Google, takes no part a second time.
    with pytest.raises(retries.BucketError, match=f'{path}: cannot write'):
      files.write_bytes(path, LARGE, '')
    assert service.files() == {'object': b'an older one'}
    files.write_bytes(path, LARGE, '')
  else:
    files.write_bytes(path, LARGE, '')
  assert fault.hits == 1
  assert service.files() == {'object': LARGE}


def _write_and_raise(path: str, data: bytes) -> None:
  with files.whole_file(path, '') as file:
    file.write(data)
    raise ZeroDivisionError


@pytest.mark.parametrize('size', [1000, len(LARGE)])
@pytest.mark.parametrize('when', ['in the writer', 'write', 'finish'])
def test_a_write_that_fails_leaves_nothing(
  service: Service, when: str, size: int
):
  path = service.path('object')
  small = size < PART
  if when == 'in the writer':
    with pytest.raises(ZeroDivisionError):
      _write_and_raise(path, LARGE[:size])
  else:
    kind = 'write' if small else when
    service.proxy.fail(kind, 'object', status=503, times=1000)
    with pytest.raises(retries.BucketError, match=f'{path}: cannot write'):
      files.write_bytes(path, LARGE[:size], '')
    assert service.proxy.count(kind) <= 3 * retries.TRIES
  service.proxy.faults.clear()
  assert service.files() == {}
  assert service.uploads() == []


def test_an_aborted_writer_completes_nothing(service: Service):
  """Not even when the abort fails and Python collects the writer."""
  writer = service.bucket.create(service.path('object'))
  writer.write(LARGE)
  fault = service.proxy.fail('abort', 'object', status=503)
  writer.abort()
  del writer
  gc.collect()
  # Google's uploads need no abort: they end by themselves.
  assert fault.hits == (service.scheme == 's3')
  assert service.files() == {}


@pytest.mark.parametrize(
  ('path', 'module', 'extra'),
  [
    ('gs://b/x', 'google.cloud.storage.exceptions', 'gcp'),
    ('s3://b/x', 'boto3', 'aws'),
  ],
)
def test_a_missing_client_names_the_extra_to_install(
  monkeypatch: pytest.MonkeyPatch, path: str, module: str, extra: str
):
  monkeypatch.setattr('ul2_flan.tasks.buckets._known', {})
  monkeypatch.setitem(sys.modules, module, None)
  for name in ('gs', 's3'):
    monkeypatch.delitem(
      sys.modules, f'ul2_flan.tasks.buckets.{name}', raising=False
    )
  with pytest.raises(UserError, match=rf'Install ul2-flan\[{extra}\]'):
    files.read_bytes(path)


def test_folders_of_buckets_are_no_patterns(service: Service):
  names = ['o[x]/a', 'o[x]/deep/b', 'ox/a', 'o*/a']
  for name in names:
    files.write_bytes(service.path(name), b'x', '')

  def below(folder: str) -> list[str]:
    root = service.path('')
    return [p.removeprefix(root) for p, _ in folders.below(root + folder)]

  assert below('o[x]') == below('o[x]/') == names[:2]
  assert below('o*') == ['o*/a']
  assert folders.inside(service.path('o[x]')) == [(service.path(names[0]), 1)]
  assert folders.named(service.path('o*/a')) == [(service.path('o*/a'), 1)]
  assert folders.named(service.path('o?/a')) == []
  found = folders.match(service.path('o[x]/*'))
  assert found == [(service.path('o[x]/a'), 1)]
  folders.delete(service.path('o*'))
  folders.delete(service.path('o[x]'))
  assert below('ox') == ['ox/a']
  assert below('o*') == below('o[x]') == []
