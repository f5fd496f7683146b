"""Opens files as streams of what they hold: gzip, bzip2, Zstandard or plain.

The name tells the compression. A stream tells damage from absence: bytes that
cannot be decompressed raise `DamagedFileError`, and their reader rejects them;
a file system's own errors pass through, and the work item is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
import io
from typing import Any, BinaryIO, cast

from isal import igzip, isal_zlib
import pyarrow as pa

from ul2_flan.pipelines.storage import files

# Bytes asked of a decompressor at a time. It gives none of them if it meets
# damage among them, so this is also the most that damage takes with it.
_STEP_BYTES = 1 << 16

# What decompressors raise; by its stubs isal's error is no class.
_DAMAGE: Any = (OSError, EOFError, isal_zlib.error, pa.ArrowException)

# Endings of names to pyarrow's names of compressions.
COMPRESSIONS = {'.gz': 'gzip', '.bz2': 'bz2', '.zst': 'zstd'}


class DamagedFileError(ValueError):
  """The bytes of a file are not what its format wants, or it is cut off."""


class WatchedFile(io.RawIOBase):
  """A file that counts what is read of it, and remembers why a read failed.

  Decompressors and Arrow raise the same errors for bytes that make no sense as
  for bytes that could not be had. The former is damage: what is lost is
  rejected, for good. The latter may go away, so the work item is tried again.

  Attributes:
    count: bytes read so far.
    failure: what a read raised; None while all is well.
  """

  def __init__(self, raw: BinaryIO):
    super().__init__()
    self._raw = raw
    self.count = 0
    self.failure: Exception | None = None

  def readable(self) -> bool:
    return True

  def seekable(self) -> bool:
    return True

  def seek(self, offset: int, whence: int = 0) -> int:
    return self._raw.seek(offset, whence)

  def tell(self) -> int:
    return self._raw.tell()

  def read(self, size: int = -1) -> bytes:
    try:
      data = self._raw.read(size)
    except Exception as e:
      self.failure = e
      raise
    self.count += len(data)
    return data

  def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
    data = self.read(len(buffer))
    buffer[: len(data)] = data
    return len(data)


def plain_name(path: str) -> str:
  """Returns a file's name without folder and ending of a compression.

  >>> plain_name('gs://bucket/niv2/task001_x.json.gz')
  'task001_x.json'
  """
  name = path.rsplit('/', 1)[-1]
  for suffix in COMPRESSIONS:
    name = name.removesuffix(suffix)
  return name


def compression_of(path: str) -> str:
  """Returns the compression that a file's name tells, or ''.

  >>> compression_of('c4/en.00000.jsonl.gz'), compression_of('a.jsonl')
  ('gzip', '')
  """
  for suffix, name in COMPRESSIONS.items():
    if path.endswith(suffix):
      return name
  return ''


@contextlib.contextmanager
def open_stream(path: str) -> Iterator[Stream]:
  """Opens a file as a `Stream`; closes it after the body."""
  with files.open_read(path) as raw:
    yield Stream(raw, path)


class Stream:
  """The decompressed bytes of a file, read from start to end."""

  def __init__(self, raw: BinaryIO, path: str):
    self._raw = WatchedFile(raw)
    self._damage = ''
    self._path = path
    compression = compression_of(path)
    # Each of these reads concatenated compressed files as one, as gunzip does.
    # Intel's library (isal) inflates three times as fast as zlib, which would
    # take a twentieth of the whole pipeline's time.
    self._step: Callable[[int], bytes | None] = self._raw.read
    if compression == 'gzip':
      self._step = igzip.IGzipFile(fileobj=self._raw).read
    elif compression:
      self._step = pa.input_stream(self._raw, cast(Any, compression)).read

  @property
  def source_bytes(self) -> int:
    """How much of the file has been read, in bytes as stored."""
    return self._raw.count

  def read_decompressed(self, size: int) -> bytes:
    """Reads at least `size` bytes of what the file holds, or all that is left.

    Before damage it returns what could be decompressed, and raises when it is
    called again.

    Raises:
      DamagedFileError: the next bytes cannot be decompressed. Errors of the
        file system are raised as they are: another try may help.
    """
    parts = []
    count = 0
    while count < size and not self._damage:
      try:
        part = self._step(_STEP_BYTES)
      except _DAMAGE as e:
        if self._raw.failure is not None:
          raise self._raw.failure from e
        self._damage = str(e)
        break
      if not part:
        break
      parts.append(part)
      count += len(part)
    if self._damage and not parts:
      raise DamagedFileError(f'{self._path}: {self._damage}')
    return b''.join(parts)

  def seek_plain(self, offset: int) -> None:
    """Goes to a byte of a file that is not compressed."""
    self._raw.seek(offset)
