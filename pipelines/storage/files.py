"""Opens, writes and deletes files: local ones, buckets', and Beam's.

`folders` and `local_files` list them; nothing else calls a file system. A path
goes one of three ways: `gs://` and `s3://` to our own clients
(`tasks.buckets`), a path without a scheme to the operating system, any other
scheme to Beam.

`WholeFile` writes under a temporary name and renames at the end, so that a
final name never stands for half a file. An object of a bucket needs no
temporary name: it appears with its last call, whole. An engine may run a work
item twice at once; both then write the same bytes, so the order does not
matter.
"""

from collections.abc import Iterator
import contextlib
import os
from typing import Any, BinaryIO
import uuid

from apache_beam.io import filesystem, filesystems
import google_crc32c
import orjson

from ul2_flan.pipelines.storage import local_files
from ul2_flan.tasks import buckets
from ul2_flan.tasks.errors import UserError

FileSystems = filesystems.FileSystems

# Without this Beam compresses and decompresses by the ending of the name. We
# store checksums of the bytes on disk, and `sources` decompresses by itself.
_AS_IT_IS = filesystem.CompressionTypes.UNCOMPRESSED


@contextlib.contextmanager
def known_scheme(path: str) -> Iterator[None]:
  """Turns Beam's error for an unknown scheme into what to install."""
  try:
    yield
  except ValueError as e:
    raise UserError(
      f"cannot open '{path}': Beam has no such file system here. For gs:// "
      'install ul2-flan[gcp], for s3:// ul2-flan[aws]'
    ) from e


def is_local(path: str) -> bool:
  """Whether a path lies in this machine's own file system.

  Local paths go around Beam: a Flan run makes ten thousand small files, and
  Beam's search for the file system of each path costs more than writing them.
  """
  return '://' not in path


def join(folder: str, *names: str) -> str:
  """Joins a folder and names to a path.

  >>> join('/data', 'c4', 'en.jsonl')
  '/data/c4/en.jsonl'
  """
  if is_local(folder):
    # Without the slashes at the end, as folders are listed.
    return os.path.join(folder.rstrip('/') or folder[:1], *names)
  with known_scheme(folder):
    return FileSystems.join(folder, *names)


def open_read(path: str) -> BinaryIO:
  """Opens a seekable file; its bytes come as stored, never decompressed."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).open_read(path)
  with known_scheme(path):
    return FileSystems.open(path, compression_type=_AS_IT_IS)


def read_bytes(path: str) -> bytes:
  """Reads a whole file; its bytes come as stored, never decompressed."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).read_bytes(path)
  with open_read(path) as f:
    return f.read()


def why(error: Exception) -> str:
  """Says what went wrong with a file, without the path that Python appends.

  >>> why(FileNotFoundError(2, 'No such file or directory', '/x'))
  'No such file or directory'
  """
  return getattr(error, 'strerror', None) or str(error)


def exists(path: str) -> bool:
  """Whether there is a file, or a local folder, of this path."""
  if is_local(path):
    return os.path.exists(path)
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).exists(path)
  with known_scheme(path):
    return bool(FileSystems.exists(path))


def delete(paths: list[str]) -> None:
  """Deletes files, never folders; it skips those that are gone already.

  Of a link on a local disk, only the link is deleted. All paths must lie in the
  same file system, and none is a pattern.
  """
  if not paths:
    return
  if is_local(paths[0]):
    for path in paths:
      local_files.remove(path)
  elif buckets.is_bucket(paths[0]):
    buckets.bucket_of(paths[0]).delete(paths)
  elif present := [path for path in paths if exists(path)]:
    FileSystems.delete(present)


def _create(path: str) -> BinaryIO:
  """Opens a new file for writing; makes its folder if that is missing."""
  if not is_local(path):
    with known_scheme(path):
      return FileSystems.create(path, compression_type=_AS_IT_IS)
  try:
    return open(path, 'wb')
  except FileNotFoundError:
    # Most folders are there: trying first saves a call for each file.
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return open(path, 'wb')


def _rename(path: str, to: str) -> None:
  if is_local(path):
    os.replace(path, to)
  else:
    FileSystems.rename([path], [to])


class WholeFile:
  """A file that appears under its name when it is complete.

  Call `write` any number of times, then either `commit` or `discard`; the
  context manager `whole_file` does the latter two.

  Attributes:
    size: bytes written so far.
    crc32c: the CRC-32C of these bytes, as eight hexadecimal digits. Buckets
      store the same checksum with every object, so that the two can be
      compared without reading the object.
  """

  def __init__(self, path: str, scratch: str):
    """Opens a temporary file, or begins an object of a bucket.

    Args:
      path: the final name.
      scratch: a folder of the same file system, for the temporary file. Buckets
        do not use it.
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
      # Most often the folder is there, and looking first would cost another
      # call for each file. So only now we make it, on systems with folders.
      folder = FileSystems.split(self._path)[0]
      if not FileSystems.get_filesystem(folder).has_dirs():
        raise
      # Another worker may have made it meanwhile: then this fails, harmlessly.
      with contextlib.suppress(OSError):
        FileSystems.mkdirs(folder)
      _rename(self._temporary, self._path)

  def discard(self) -> None:
    """Removes what was written; never raises over the error that led here."""
    if self._object:
      return self._object.abort()
    with contextlib.suppress(Exception):
      self._file.close()
    with contextlib.suppress(Exception):
      delete([self._temporary])


@contextlib.contextmanager
def whole_file(path: str, scratch: str) -> Iterator[WholeFile]:
  """Commits a `WholeFile` at the end of the body, or discards it on an error.

  Args:
    path: the final name.
    scratch: a folder for the temporary file, as in `WholeFile`.
  """
  file = WholeFile(path, scratch)
  try:
    yield file
    file.commit()
  except BaseException:
    file.discard()
    raise


def write_bytes(path: str, data: bytes, scratch: str) -> None:
  """Writes a file that is in memory; see `whole_file`."""
  with whole_file(path, scratch) as f:
    f.write(data)


def to_json(value: Any) -> bytes:
  """Writes JSON for people: keys sorted, indented, one newline at the end.

  Equal dicts give equal bytes, whatever the order of their keys. Dataclasses
  are written directly, fields in their order: `dataclasses.asdict` would copy
  everything in them first.

  >>> print(to_json({'b': 1, 'a': [2]}).decode(), end='')
  {
    "a": [
      2
    ],
    "b": 1
  }
  """
  form = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
  return orjson.dumps(value, option=form)
