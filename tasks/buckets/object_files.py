"""One object as a file: `Writer` writes it in parts, `Reader` reads it."""

from collections.abc import Callable
import contextlib
import io
from typing import Any, TypeVar

from ul2_flan.tasks.buckets import client as client_lib
from ul2_flan.tasks.buckets.client import Client, Upload
from ul2_flan.tasks.buckets.retries import attempt

_T = TypeVar('_T')

# Bytes that a reader asks for at a time.
READ_BYTES = 8 << 20


class Writer:
  """An object that is being written: by one call if it is small, else in parts.

  It has its final name from the start, as nobody sees it before the last call,
  and then all of it. (To rename an object is to copy it and delete the first
  one, and either can fail.)
  """

  def __init__(self, client: Client, path: str):
    self._client = client
    self._path = path
    self._held = bytearray()
    self._upload: Upload | None = None

  def write(self, data: bytes) -> None:
    """Appends bytes."""
    self._held += data
    # Hold the last bytes back, even a whole part, for `complete`: S3 refuses a
    # last part that is empty.
    size = client_lib.PART_BYTES
    while len(self._held) > size:
      if self._upload is None:
        self._upload = self._attempt(self._client.begin, self._path)
      self._attempt(self._upload.part, bytes(self._held[:size]))
      del self._held[:size]

  def complete(self) -> None:
    """Makes the object appear, in place of any other of its name."""
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
    """Gives up; there is no object, nor a part of one."""
    upload, self._upload = self._upload, None
    self._held.clear()
    if upload is not None:
      # Abort follows on an error, and that is the one to report.
      with contextlib.suppress(Exception):
        upload.abort()


class Reader(io.RawIOBase):
  """A raw file of an object, for a buffer to read from."""

  def __init__(
    self, read: Callable[[str, int, int], bytes], path: str, size: int
  ):
    super().__init__()
    self._read = read
    self._path = path
    self._size = size
    self._at = 0

  def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
    count = min(len(buffer), self._size - self._at)
    if count <= 0:
      return 0
    data = self._read(self._path, self._at, self._at + count)
    buffer[:count] = data
    self._at += count
    return count

  def readall(self) -> bytes:
    pieces = []
    while self._at < self._size:
      end = min(self._size, self._at + READ_BYTES)
      pieces.append(self._read(self._path, self._at, end))
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
