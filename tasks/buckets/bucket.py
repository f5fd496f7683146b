"""Objects as files: sizes, patterns, reading and writing, with retries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent import futures
import io
import re
from typing import BinaryIO, cast

from ul2_flan.tasks.buckets.client import Client
from ul2_flan.tasks.buckets.object_files import READ_BYTES, Reader, Writer
from ul2_flan.tasks.buckets.retries import TruncatedReadError, attempt

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
    raw = Reader(self.read, path, self.size(path))
    return cast(BinaryIO, io.BufferedReader(raw, READ_BYTES))

  def read_bytes(self, path: str) -> bytes:
    """All bytes of an object."""
    with self.open_read(path) as file:
      return file.read()

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
