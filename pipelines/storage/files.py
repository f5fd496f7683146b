"""The one door to file systems: local paths, buckets, and all that Beam opens.

A file is written under a temporary name and renamed when it is whole, so that
its final name never stands for half of it; an object of a bucket appears whole,
under its name, by itself. Two workers that write the same file at once (an
engine may run a work item twice) write the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import os
from typing import Any, BinaryIO
import uuid

from apache_beam.io import filesystem, filesystems
import google_crc32c
import orjson

from ul2_flan.tasks import buckets
from ul2_flan.tasks.errors import UserError

FileSystems = filesystems.FileSystems
_AS_IT_IS = filesystem.CompressionTypes.UNCOMPRESSED


@contextlib.contextmanager
def _known_scheme(path: str) -> Iterator[None]:
  """Says what to install where Beam knows no such scheme."""
  try:
    yield
  except ValueError as e:
    raise UserError(
      f"cannot open '{path}': Beam has no such file system here. For gs:// "
      'install ul2-flan[gcp], for s3:// ul2-flan[aws]'
    ) from e


def _is_local(path: str) -> bool:
  """Whether a path is of this machine's own file system.

  A run of tasks makes ten thousand small files. There Beam's search for who is
  in charge of a path would cost more than the work.
  """
  return '://' not in path


def join(folder: str, *names: str) -> str:
  """A path below a folder."""
  if _is_local(folder):
    return os.path.join(folder, *names)
  with _known_scheme(folder):
    return FileSystems.join(folder, *names)


def match(pattern: str) -> list[tuple[str, int]]:
  """Paths and sizes in bytes of the files that match, sorted by path."""
  if buckets.is_bucket(pattern):
    return buckets.bucket_of(pattern).match(pattern)
  with _known_scheme(pattern):
    found = FileSystems.match([pattern])[0].metadata_list
  return sorted((m.path, m.size_in_bytes) for m in found)


def open_read(path: str) -> BinaryIO:
  """Opens a file for reading its bytes as they are, seekable."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).open_read(path)
  with _known_scheme(path):
    return FileSystems.open(path, compression_type=_AS_IT_IS)


def read_bytes(path: str) -> bytes:
  """All bytes of a file."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).read_bytes(path)
  with open_read(path) as f:
    return f.read()


def why(error: Exception) -> str:
  """What went wrong with a file, without its path, which Python puts behind.

  >>> why(FileNotFoundError(2, 'No such file or directory', '/x'))
  'No such file or directory'
  """
  return getattr(error, 'strerror', None) or str(error)


def exists(path: str) -> bool:
  """Whether there is such a file."""
  if _is_local(path):
    return os.path.exists(path)
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).exists(path)
  with _known_scheme(path):
    return bool(FileSystems.exists(path))


def delete(paths: list[str]) -> None:
  """Deletes files and folders, of which some may be gone already."""
  if paths and buckets.is_bucket(paths[0]):
    return buckets.bucket_of(paths[0]).delete(paths)
  there = [p for p in paths if exists(p)]
  if there:
    FileSystems.delete(there)


def delete_below(folder: str) -> None:
  """Deletes a folder: on buckets, which have none, the files below it."""
  delete([path for path, _ in match(join(folder, '**'))])
  delete([folder])


def _create(path: str) -> BinaryIO:
  """Opens a new file, in a folder that may be missing."""
  if not _is_local(path):
    with _known_scheme(path):
      return FileSystems.create(path, compression_type=_AS_IT_IS)
  try:
    return open(path, 'wb')
  except FileNotFoundError:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return open(path, 'wb')


def _rename(path: str, to: str) -> None:
  if _is_local(path):
    os.replace(path, to)
  else:
    FileSystems.rename([path], [to])


class WholeFile:
  """A file that appears under its name when it is complete.

  Attributes:
    size: bytes written so far.
    crc32c: of those bytes, as eight hexadecimal digits. Buckets keep the same
      checksum of every object.
  """

  def __init__(self, path: str, scratch: str):
    """Opens a temporary file.

    Args:
      path: the final name.
      scratch: a folder of the same file system for the temporary name, which
        buckets have no need of.
    """
    self._path = path
    self._crc = 0
    self.size = 0
    self._object = None
    if buckets.is_bucket(path):
      self._object = buckets.bucket_of(path).create(path)
      self._file: Any = self._object
      return
    self._temporary = join(scratch, uuid.uuid4().hex)
    self._file = _create(self._temporary)

  def write(self, data: bytes) -> None:
    """Appends bytes."""
    self._file.write(data)
    self._crc = google_crc32c.extend(self._crc, data)
    self.size += len(data)

  @property
  def crc32c(self) -> str:
    return f'{self._crc:08x}'

  def commit(self) -> None:
    """Closes the file and gives it its name, replacing any other."""
    if self._object:
      return self._object.complete()
    self._file.close()
    try:
      _rename(self._temporary, self._path)
    except OSError:
      # The folder may be missing, on systems that have them; most often it is
      # there, and to look first would cost each file another call.
      folder = FileSystems.split(self._path)[0]
      if not FileSystems.get_filesystem(folder).has_dirs():
        raise
      # Another worker may have made it since.
      with contextlib.suppress(OSError):
        FileSystems.mkdirs(folder)
      _rename(self._temporary, self._path)

  def discard(self) -> None:
    """Closes and removes the temporary file."""
    if self._object:
      return self._object.abort()
    with contextlib.suppress(Exception):
      self._file.close()
    with contextlib.suppress(Exception):
      FileSystems.delete([self._temporary])


@contextlib.contextmanager
def whole_file(path: str, scratch: str) -> Iterator[WholeFile]:
  """A `WholeFile` that is committed at the end, or discarded on an error."""
  file = WholeFile(path, scratch)
  try:
    yield file
    file.commit()
  except BaseException:
    file.discard()
    raise


def write_bytes(path: str, data: bytes, scratch: str) -> None:
  """Writes a whole file."""
  with whole_file(path, scratch) as f:
    f.write(data)


def to_json(value: Any) -> bytes:
  """JSON for people: keys sorted, indented, one newline at the end.

  Dataclasses with slots are written as they are, in the order of their fields:
  `dataclasses.asdict` would copy all that is in them first.
  """
  form = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
  return orjson.dumps(value, option=form)
