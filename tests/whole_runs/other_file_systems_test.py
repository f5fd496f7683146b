"""A whole run on a file system that is not local, and on one that fails."""

from collections.abc import Iterator
import io
from pathlib import Path
from typing import ClassVar

from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem
import pytest
from support.corpora import COMPRESS, documents, run, shards_of
from support.outputs import there

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.inspect import __main__ as inspect
from ul2_flan.pipelines.report import __main__ as report
from ul2_flan.pipelines.report import page
from ul2_flan.pipelines.sources import DocumentBlock, SourceOptions
from ul2_flan.pipelines.storage import folders
from ul2_flan.tasks.errors import UserError


class MemoryFileSystem(FileSystem):
  """Files in a dictionary; like a bucket, it has no folders."""

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
  """A file that appears when it is closed, as objects in buckets do."""

  def __init__(self, path: str):
    super().__init__()
    self._path = path

  def close(self) -> None:
    if not self.closed:
      MemoryFileSystem.files[self._path] = self.getvalue()
    super().close()


class _Read(io.BytesIO):
  """Fails after its first bytes, as often as `failures` says."""

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
  """The files of `mem://`: a corpus and a vocabulary."""
  found: dict[str, bytes] = {}
  monkeypatch.setattr(MemoryFileSystem, 'files', found)
  monkeypatch.setattr(MemoryFileSystem, 'failures', {})
  found['mem://in/v.model'] = Path(vocabulary_path).read_bytes()
  found['mem://in/text/a.jsonl'] = documents(40)
  found['mem://in/text/_SUCCESS'] = b''
  return found


def test_another_file_system_gets_the_files_of_a_local_run(
  memory: dict[str, bytes], tmp_path: Path, vocabulary_path: str
):
  flags = ['--per_denoiser', '--validation_fraction=0.1']
  run('mem://in/text', 'mem://out/run', 'mem://in/v.model', *flags)
  (tmp_path / 'a.jsonl').write_bytes(memory['mem://in/text/a.jsonl'])
  path, out = str(tmp_path / 'a.jsonl'), tmp_path / 'out'
  run(path, out, vocabulary_path, *flags)
  written = {
    path.removeprefix('mem://out/run/'): data
    for path, data in memory.items()
    if path.startswith('mem://out/run/')
  }
  assert {p: d for p, d in written.items() if '.tfrecord-' in p} == shards_of(
    out
  )
  assert sorted(written) == there(out)
  # And it is shown from there, and there.
  assert report.main(['mem://out/run']) == 0
  assert page.MARK in memory['mem://out/run/report.html'].decode()
  assert inspect.main(['mem://out/run']) == 0


def test_overwrite_deletes_another_run(memory: dict[str, bytes]):
  where = ['mem://in/text', 'mem://out', 'mem://in/v.model']
  assert run(*where, '--per_denoiser') == 0
  memory['mem://out/mine'] = b'not of the run'
  with pytest.raises(UserError, match='--overwrite'):
    run(*where)
  assert run(*where, '--overwrite') == 0
  folders = {p.rpartition('/')[0] for p in memory if p.startswith('mem://out')}
  assert folders == {'mem://out', 'mem://out/ul2r'}
  assert memory['mem://out/mine'] == b'not of the run'


@pytest.mark.parametrize('name', ['a.jsonl', 'b.jsonl.gz', 'c.txt', 'd.jsonl'])
def test_a_read_that_fails_is_raised_and_never_damage(
  memory: dict[str, bytes], name: str
):
  path = f'mem://in/flaky/{name}'
  data = b'{"text": "a long way to the end of this file"}\n' * 9000
  memory[path] = COMPRESS['.gz' if name.endswith('.gz') else ''](data * 30)
  size = len(memory[path])
  (piece,) = sources.split(path, size, size, SourceOptions())
  whole = list(sources.read(piece, SourceOptions()))
  MemoryFileSystem.failures[path] = 1
  with pytest.raises(ConnectionResetError, match=name):
    list(sources.read(piece, SourceOptions()))
  assert list(sources.read(piece, SourceOptions())) == whole
  assert not any(block.rejects for block in whole)


@pytest.mark.parametrize(('failures', 'status'), [(2, 0), (3, 1)])
def test_a_run_on_a_failing_disk_tries_again_and_at_last_fails(
  memory: dict[str, bytes],
  capsys: pytest.CaptureFixture[str],
  monkeypatch: pytest.MonkeyPatch,
  failures: int,
  status: int,
):
  monkeypatch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0)
  where = ['mem://in/text', 'mem://out', 'mem://in/v.model']
  assert run(*where) == 0
  expected = {p: d for p, d in memory.items() if '.tfrecord-' in p}
  folders.delete('mem://out')
  assert not [path for path in memory if path.startswith('mem://out')]

  read_lines = sources.READERS['jsonl']
  calls = []

  def flaky(
    piece: sources.Piece, options: SourceOptions
  ) -> Iterator[DocumentBlock]:
    calls.append(piece)
    # The sample and one work item read first; then each try of the next fails.
    if 3 <= len(calls) < 3 + failures:
      MemoryFileSystem.failures[piece.path] = 1
    return read_lines(piece, options)

  monkeypatch.setitem(sources.READERS, 'jsonl', flaky)
  assert run(*where) == status
  if status:
    assert 'ConnectionResetError: mem://in/text/a' in capsys.readouterr().err
    assert not [path for path in memory if path.endswith('manifest.json')]
    assert run(*where) == 0
  assert {p: d for p, d in memory.items() if '.tfrecord-' in p} == expected
