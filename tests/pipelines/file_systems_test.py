"""A whole run on a file system that is not local, and on one that fails."""

from collections.abc import Iterator
import io
from pathlib import Path
from typing import ClassVar

from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem
from corpora import documents, run, shards_of
import pytest

from ul2_flan.pipelines import files, sources
from ul2_flan.pipelines.sources import SourceOptions


class MemoryFileSystem(FileSystem):
  """Files in a dictionary, without folders, as in a bucket."""

  files: ClassVar[dict[str, bytes]] = {}
  failures: ClassVar[dict[str, int]] = {}  # path -> reads that are to fail

  @classmethod
  def scheme(cls) -> str:
    return 'mem'

  def join(self, basepath: str, *paths: str) -> str:
    return '/'.join([basepath.rstrip('/'), *(p.strip('/') for p in paths)])

  def split(self, path: str) -> tuple[str, str]:
    head, _, tail = path.rpartition('/')
    return head, tail

  def mkdirs(self, path: str) -> None:
    raise BeamIOError('a bucket has no folders')

  def has_dirs(self) -> bool:
    return False

  def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
    for path, data in list(self.files.items()):
      if path.startswith(dir_or_prefix):
        yield FileMetadata(path, len(data))

  def create(self, path: str, mime_type='', compression_type='') -> io.BytesIO:
    return _Written(path)

  def open(self, path: str, mime_type='', compression_type='') -> io.BytesIO:
    if path not in self.files:
      raise BeamIOError(f'{path} does not exist')
    return _Read(path)

  def copy(self, source_file_names, destination_file_names) -> None:
    raise NotImplementedError

  def rename(self, source_file_names, destination_file_names) -> None:
    for old, new in zip(source_file_names, destination_file_names, strict=True):
      self.files[new] = self.files.pop(old)

  def exists(self, path: str) -> bool:
    return path in self.files

  def size(self, path: str) -> int:
    return len(self.files[path])

  def last_updated(self, path: str) -> float:
    return 0.0

  def checksum(self, path: str) -> str:
    raise NotImplementedError

  def metadata(self, path: str) -> FileMetadata:
    return FileMetadata(path, self.size(path))

  def delete(self, paths: list[str]) -> None:
    for path in paths:
      for found in [p for p in self.files if p.startswith(path)]:
        del self.files[found]


class _Written(io.BytesIO):
  """Appears when it is closed, as objects in buckets do."""

  def __init__(self, path: str):
    super().__init__()
    self._path = path

  def close(self) -> None:
    if not self.closed:
      MemoryFileSystem.files[self._path] = self.getvalue()
    super().close()


class _Read(io.BytesIO):
  """Fails as often as it is told to, after some bytes."""

  def __init__(self, path: str):
    super().__init__(MemoryFileSystem.files[path])
    self._path = path

  def read(self, size: int | None = -1) -> bytes:
    if self.tell() and MemoryFileSystem.failures.get(self._path, 0):
      MemoryFileSystem.failures[self._path] -= 1
      raise ConnectionResetError(f'{self._path}: connection reset by peer')
    return super().read(size)


@pytest.fixture
def memory(
  monkeypatch: pytest.MonkeyPatch, vocabulary_path: str
) -> dict[str, bytes]:
  """The files of `mem://`, with a corpus and a vocabulary."""
  found: dict[str, bytes] = {}
  monkeypatch.setattr(MemoryFileSystem, 'files', found)
  monkeypatch.setattr(MemoryFileSystem, 'failures', {})
  found['mem://in/v.model'] = Path(vocabulary_path).read_bytes()
  found['mem://in/text/a.jsonl'] = documents(40)
  found['mem://in/text/_SUCCESS'] = b''
  return found


def test_nothing_takes_paths_for_local_ones(
  memory: dict[str, bytes], tmp_path: Path, vocabulary_path: str
):
  flags = ['--provenance', '--per_denoiser']
  where = 'mem://out/run'
  assert run('mem://in/text', where, 'mem://in/v.model', *flags) == 0
  written = {
    path.removeprefix(f'{where}/'): data
    for path, data in memory.items()
    if '.tfrecord-' in path
  }
  assert f'{where}/manifest.json' in memory
  assert f'{where}/ul2r/s_50/COMPLETED' in memory
  assert not [path for path in memory if '_progress' in path]

  # The same on a local disk, but for where the text is said to come from.
  (tmp_path / 'a.jsonl').write_bytes(memory['mem://in/text/a.jsonl'])
  path, out = str(tmp_path / 'a.jsonl'), tmp_path / 'out'
  assert run(path, out, vocabulary_path, '--per_denoiser') == 0
  assert (
    run(
      'mem://in/text',
      where,
      'mem://in/v.model',
      '--per_denoiser',
      '--overwrite',
    )
    == 0
  )
  rewritten = {
    path.removeprefix(f'{where}/'): data
    for path, data in memory.items()
    if '.tfrecord-' in path
  }
  assert rewritten == shards_of(out)
  assert rewritten.keys() == written.keys()
  assert rewritten != written


@pytest.mark.parametrize('name', ['a.jsonl', 'b.jsonl.gz', 'c.txt', 'd.jsonl'])
def test_a_read_that_fails_is_raised_and_never_damage(
  memory: dict[str, bytes], tmp_path: Path, name: str
):
  path = f'mem://in/flaky/{name}'
  data = b'{"text": "a long way to the end of this file"}\n' * 9000
  from corpora import COMPRESS

  memory[path] = COMPRESS['.gz' if name.endswith('.gz') else ''](data * 30)
  size = len(memory[path])
  (piece,) = sources.split(path, size, size, SourceOptions())
  whole = list(sources.read(piece, SourceOptions()))
  MemoryFileSystem.failures[path] = 1
  with pytest.raises(ConnectionResetError, match=name):
    list(sources.read(piece, SourceOptions()))
  assert list(sources.read(piece, SourceOptions())) == whole
  assert not any(block.rejects for block in whole)


def test_a_run_on_a_failing_disk_fails_and_then_goes_on(
  memory: dict[str, bytes], capsys: pytest.CaptureFixture[str]
):
  flags = ['mem://in/text', 'mem://out', 'mem://in/v.model']
  assert run(*flags, '--plan_only') == 0
  MemoryFileSystem.failures['mem://in/text/a.jsonl'] = 0
  assert run(*flags) == 0
  expected = {p: d for p, d in memory.items() if '.tfrecord-' in p}
  files.delete_below('mem://out')
  assert not [p for p in memory if p.startswith('mem://out')]

  failing = dict(MemoryFileSystem.failures)
  failing['mem://in/v.model'] = 0
  original = sources.kinds.READERS['jsonl']
  calls = []

  def flaky(piece, options):
    calls.append(piece)
    if len(calls) == 3:  # after the sample's, and one work item's
      raise ConnectionResetError('reset by peer')
    yield from original(piece, options)

  with pytest.MonkeyPatch.context() as patch:
    patch.setitem(sources.kinds.READERS, 'jsonl', flaky)
    assert run(*flags) == 1
  assert 'reset by peer' in capsys.readouterr().err
  assert run(*flags) == 0
  assert {p: d for p, d in memory.items() if '.tfrecord-' in p} == expected
