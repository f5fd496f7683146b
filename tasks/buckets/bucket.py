"""A bucket: objects as files, with sizes, patterns and retries.

All calls of the network go through `retries.attempt`.
"""

from collections.abc import Iterator, Sequence
from concurrent import futures
import io
import re
from typing import BinaryIO, cast

from ul2_flan.tasks.buckets.client import Client
from ul2_flan.tasks.buckets.object_files import READ_BYTES, Reader, Writer
from ul2_flan.tasks.buckets.retries import TruncatedReadError, attempt

_PARALLEL_DELETES = 16  # threads


class Bucket:
  """All objects of a scheme.

  `PermissionError` and `retries.BucketError` are raised by all methods; see
  `retries.attempt`.
  """

  def __init__(self, client: Client):
    self._client = client

  def pinned(self, path: str) -> str:
    """Returns a path that stands for the same bytes for ever, if it can."""
    return path

  def size(self, path: str) -> int:
    """Returns the size of an object, in bytes.

    Raises:
      FileNotFoundError: there is no such object or bucket.
    """
    size = self._client.size
    return attempt('read', path, lambda: size(path), self._client.fault)

  def version(self, path: str) -> str:
    """Returns what the bucket says of an object's bytes: other if they are.

    Raises:
      FileNotFoundError: there is no such object or bucket.
    """
    version = self._client.version
    return attempt('read', path, lambda: version(path), self._client.fault)

  def exists(self, path: str) -> bool:
    """Whether an object exists."""
    try:
      self.size(path)
    except FileNotFoundError:
      return False
    return True

  def match(self, pattern: str) -> list[tuple[str, int]]:
    """Lists the paths and sizes of the objects that match, sorted.

    Patterns are Beam's: `*` stands for anything without `/`, `**` for anything,
    `?` and `[...]` for one character. A path that ends with `/` is a folder and
    stands for the objects in it.
    """
    from apache_beam.io.filesystem import FileSystem

    if pattern.endswith('/'):
      pattern += '*'
    prefix = re.split(r'[*?[]', pattern, maxsplit=1)[0]
    if prefix == pattern:
      try:
        return [(pattern, self.size(pattern))]
      except FileNotFoundError:
        return []
    matches = re.compile(FileSystem.translate_pattern(pattern)).match
    return sorted(o for o in self._starting(prefix) if matches(o[0]))

  def below(self, folder: str) -> list[tuple[str, int]]:
    """Lists the paths and sizes of the objects below a folder, sorted.

    Args:
      folder: a path that ends with `/`, and is no pattern.
    """
    return sorted(self._starting(folder))

  def _starting(self, prefix: str) -> Iterator[tuple[str, int]]:
    """Yields the paths and sizes of all objects that begin with a prefix."""
    page = self._client.page
    token: str | None = None
    while True:
      objects, token = attempt(
        'list',
        prefix,
        lambda token=token: page(prefix, token),  # type: ignore[misc]
        self._client.fault,
      )
      # Consoles mark a folder by an object whose name ends with a slash.
      yield from (o for o in objects if not o[0].endswith('/'))
      if token is None:
        return

  def read(self, path: str, start: int, end: int) -> bytes:
    """Reads the bytes `start <= i < end` of an object, all of them.

    Args:
      path: of the object.
      start: at least 0.
      end: above `start`, and at most the size.
    """

    def call() -> bytes:
      data = self._client.read(path, start, end)
      if len(data) != end - start:
        raise TruncatedReadError(
          f'{len(data)} bytes came of {end - start}, from byte {start} on'
        )
      return data

    return attempt('read', path, call, self._client.fault)

  def open_read(self, path: str) -> BinaryIO:
    """Opens an object for reading, as a seekable file."""
    raw = Reader(self.read, path, self.size(path))
    return cast(BinaryIO, io.BufferedReader(raw, READ_BYTES))

  def read_bytes(self, path: str) -> bytes:
    """Reads a whole object."""
    with self.open_read(path) as file:
      return file.read()

  def create(self, path: str) -> Writer:
    """Begins a new object, which nobody sees until it is complete."""
    return Writer(self._client, path)

  def write_bytes(self, path: str, data: bytes) -> None:
    """Writes a whole object."""
    writer = self.create(path)
    try:
      writer.write(data)
      writer.complete()
    except BaseException:
      writer.abort()
      raise

  def write_first(self, path: str, data: bytes) -> bool:
    """Writes a whole object, unless there is one; returns whether it did.

    Of several that do this at once, one succeeds. It may not learn of that, if
    the answer is lost: then a second try finds the object.
    """
    put = self._client.put_first
    return attempt('write', path, lambda: put(path, data), self._client.fault)

  def delete(self, paths: Sequence[str]) -> None:
    """Deletes objects; those that are gone already are no error."""

    def delete(path: str) -> None:
      attempt(
        'delete', path, lambda: self._client.delete(path), self._client.fault
      )

    if len(paths) == 1:
      return delete(paths[0])
    with futures.ThreadPoolExecutor(_PARALLEL_DELETES) as pool:
      for _ in pool.map(delete, paths):
        pass
