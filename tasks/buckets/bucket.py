"""Objects as files: sizes, patterns, reading and writing, with retries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
import contextlib
import io
import re
from typing import Any, BinaryIO, TypeVar, cast

from ul2_flan.tasks.buckets import client as client_lib
from ul2_flan.tasks.buckets.client import Client, Upload
from ul2_flan.tasks.buckets.retries import TruncatedReadError, attempt

_T = TypeVar('_T')

# What a reader asks for at a time.
_READ_BYTES = 8 << 20

_PARALLEL_DELETES = 16


class Bucket:
  """All objects of a scheme."""

  def __init__(self, client: Client):
    self._client = client

  def size(self, path: str) -> int:
    """Bytes of an object.

    Raises:
      FileNotFoundError: there is none.
    """
    size = self._client.size
    return attempt('read', path, lambda: size(path), self._client.fault)

  def exists(self, path: str) -> bool:
    """Whether there is such an object."""
    try:
      self.size(path)
    except FileNotFoundError:
      return False
    return True

  def match(self, pattern: str) -> list[tuple[str, int]]:
    """Paths and sizes of what matches, sorted; as Beam has it.

    `*` stands for anything without `/`, and `**` for anything. What ends with
    `/` is a folder, whose objects are meant.
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
    return sorted(found for found in self._below(prefix) if matches(found[0]))

  def _below(self, prefix: str) -> Iterator[tuple[str, int]]:
    page = self._client.page
    token: str | None = None
    while True:
      found, token = attempt(
        'list',
        prefix,
        lambda token=token: page(prefix, token),  # type: ignore[misc]
        self._client.fault,
      )
      # A name that ends with a slash is no file: consoles mark folders so.
      yield from (f for f in found if not f[0].endswith('/'))
      if token is None:
        return

  def read(self, path: str, start: int, end: int) -> bytes:
    """The bytes of an object from `start` to `end`, all of them."""

    def call() -> bytes:
      data = self._client.read(path, start, end)
      if len(data) != end - start:
        raise TruncatedReadError(
          f'{len(data)} bytes came of {end - start}, from byte {start} on'
        )
      return data

    return attempt('read', path, call, self._client.fault)

  def open_read(self, path: str) -> BinaryIO:
    """An object as a file, seekable."""
    raw = _Reader(self, path, self.size(path))
    return cast(BinaryIO, io.BufferedReader(raw, _READ_BYTES))

  def read_bytes(self, path: str) -> bytes:
    """All bytes of an object."""
    size = self.size(path)
    return self.read(path, 0, size) if size else b''

  def create(self, path: str) -> Writer:
    """A new object, which appears when it is complete."""
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

  def delete(self, paths: Sequence[str]) -> None:
    """Deletes objects, of which some may be gone already."""

    def delete(path: str) -> None:
      attempt(
        'delete', path, lambda: self._client.delete(path), self._client.fault
      )

    if len(paths) == 1:
      return delete(paths[0])
    with futures.ThreadPoolExecutor(_PARALLEL_DELETES) as pool:
      for _ in pool.map(delete, paths):
        pass


class Writer:
  """An object that is being written: one call if it is small, else parts.

  It has its final name from the start, since nobody sees it before the last
  call, and then all of it: a rename would be a copy and a deletion, of which
  each can fail.
  """

  def __init__(self, client: Client, path: str):
    self._client = client
    self._path = path
    self._held = bytearray()
    self._upload: Upload | None = None

  def write(self, data: bytes) -> None:
    """Appends bytes."""
    self._held += data
    # The last part is never empty, which S3 would refuse.
    size = client_lib.PART_BYTES
    while len(self._held) > size:
      if self._upload is None:
        self._upload = self._attempt(self._client.begin, self._path)
      self._attempt(self._upload.part, bytes(self._held[:size]))
      del self._held[:size]

  def complete(self) -> None:
    """Makes the object appear, in place of any other."""
    rest = bytes(self._held)
    if self._upload is None:
      self._attempt(self._client.put, self._path, rest)
    else:
      self._attempt(self._upload.complete, rest)
    self._upload = None
    self._held.clear()

  def _attempt(self, call: Callable[..., _T], *args: Any) -> _T:
    tries = self._upload.tries if self._upload else None
    return attempt(
      'write', self._path, lambda: call(*args), self._client.fault, tries
    )

  def abort(self) -> None:
    """Gives up, and leaves nothing behind."""
    upload, self._upload = self._upload, None
    self._held.clear()
    if upload is not None:
      # Something has failed already, and is what is told.
      with contextlib.suppress(Exception):
        upload.abort()


class _Reader(io.RawIOBase):
  """Bytes of an object, as a buffer asks for them."""

  def __init__(self, bucket: Bucket, path: str, size: int):
    super().__init__()
    self._bucket = bucket
    self._path = path
    self._size = size
    self._at = 0

  def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
    count = min(len(buffer), self._size - self._at)
    if count <= 0:
      return 0
    data = self._bucket.read(self._path, self._at, self._at + count)
    buffer[:count] = data
    self._at += count
    return count

  def readall(self) -> bytes:
    pieces = []
    while self._at < self._size:
      end = min(self._size, self._at + _READ_BYTES)
      pieces.append(self._bucket.read(self._path, self._at, end))
      self._at = end
    return b''.join(pieces)

  def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
    start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
    self._at = max(0, start[whence] + offset)
    return self._at

  def tell(self) -> int:
    return self._at

  def seekable(self) -> bool:
    return True

  def readable(self) -> bool:
    return True
