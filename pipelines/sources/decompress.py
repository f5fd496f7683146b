"""Opens files as streams of what they hold: gzip, bzip2, Zstandard or plain.

The name tells the compression, or the first bytes of a TFRecord file. A stream
tells damage from absence: bytes that cannot be decompressed raise
`DamagedFileError`, and their reader rejects them; a file system's own errors
pass through, and the work item is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
import contextlib
import io
import re
from typing import BinaryIO, cast

from ul2_flan.pipelines.sources import members, pointers
from ul2_flan.pipelines.sources.joined import JoinedFiles
from ul2_flan.pipelines.storage import files

# Bytes asked of a decompressor at a time. It gives none of them if it meets
# damage among them, so this is also the most that damage takes with it.
_STEP_BYTES = 1 << 16

# Steps asked of a plain file at a time, at most: so many are a block of lines.
# Reading makes room for all that it is asked for, also if the file ends before.
_MAX_STEPS = 1 << 6

# So many bytes tell whether a file is compressed, and how.
_HEAD_BYTES = 16

# Endings of names to names of compressions.
COMPRESSIONS = {'.gz': 'gzip', '.bz2': 'bz2', '.zst': 'zstd'}

# They stand at the end, or before the number of a shard.
_ENDING = re.compile(
  f'({"|".join(map(re.escape, COMPRESSIONS))})(?=(-\\d+-of-\\d+)?$)'
)


class DamagedFileError(ValueError):
  """The bytes of a file are not what its format wants, or it is cut off."""


class TrailingGarbageError(DamagedFileError):
  """What follows a compressed file is not one; all before it was read."""


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
  >>> plain_name('train.tfrecord.gz-00000-of-00002')
  'train.tfrecord-00000-of-00002'
  """
  return _ENDING.sub('', path.rsplit('/', 1)[-1])


def compression_of(path: str) -> str:
  """Returns the compression that a file's name tells, or ''.

  >>> compression_of('c4/en.00000.jsonl.gz'), compression_of('a.jsonl')
  ('gzip', '')
  """
  ending = _ENDING.search(path)
  return COMPRESSIONS[ending[0]] if ending else ''


@contextlib.contextmanager
def open_stream(
  path: str, is_plain: Callable[[bytes], bool] | None = None
) -> Iterator[Stream]:
  """Opens a file as a `Stream`; closes it after the body.

  Args:
    path: of the file.
    is_plain: tells by a file's first bytes whether it is not compressed. If it
      is, these bytes tell how. By default, and where they do not, the name
      does.
  """
  compression = compression_of(path)
  with files.open_read(path) as raw:
    if is_plain:
      head = raw.read(_HEAD_BYTES)
      raw.seek(0)
      named, compression = compression, ''
      if not is_plain(head):
        compression = members.compression_in(head) or named
    yield Stream(raw, compression)


@contextlib.contextmanager
def open_chunks(paths: Sequence[str]) -> Iterator[Stream]:
  """Opens the chunks of a file that was cut, in order, as its `Stream`.

  Their names say little, so the first bytes tell the compression.
  """
  with contextlib.closing(JoinedFiles(paths)) as raw:
    compression = members.compression_in(raw.read(_HEAD_BYTES))
    raw.seek(0)
    yield Stream(cast(BinaryIO, raw), compression)


class Stream:
  """The decompressed bytes of a file, read from start to end."""

  def __init__(self, raw: BinaryIO, compression: str):
    self._raw = WatchedFile(raw)
    self._damage: DamagedFileError | None = None
    self._given = 0
    self._step: Callable[[int], bytes] = self._raw.read
    self._is_plain = not compression
    if compression:
      self._step = members.Members(
        self._raw.read, members.KNOWN[compression]
      ).read

  def _next_step(self, wanted: int) -> int:
    """Returns how many bytes to read next, if so many are wanted."""
    if not self._is_plain:
      return _STEP_BYTES
    # What one read gives need not be joined. It asks for whole steps, as
    # estimates depend on how much of a file has been read.
    steps = -(-wanted // _STEP_BYTES)
    return min(steps, _MAX_STEPS) * _STEP_BYTES

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
        part = self._step(self._next_step(size - count))
        if self._is_plain and not self._given and pointers.of(part):
          self._damage = DamagedFileError(pointers.of(part))
      except members.DAMAGE as e:
        if self._raw.failure is not None:
          raise self._raw.failure from e
        self._damage = self._found(e)
      if self._damage:
        break
      if not part:
        if not self._is_plain and not self._raw.count:
          self._damage = DamagedFileError(
            'it is empty: it should be compressed'
          )
        break
      parts.append(part)
      count += len(part)
      self._given += len(part)
    if self._damage and not parts:
      raise self._damage
    return b''.join(parts)

  def _found(self, error: Exception) -> DamagedFileError:
    """Says what is wrong, and how far the file could be read."""
    read = f'{self._raw.count:,} bytes of it gave {self._given:,}'
    if isinstance(error, members.GarbageError):
      return TrailingGarbageError(f'{error}; {read}')
    pointer = '' if self._given else pointers.told(self._raw)
    return DamagedFileError(pointer or f'{error}; {read}')

  def read_whole(self, limit: int) -> tuple[bytes, DamagedFileError | None]:
    """Reads all that the file holds.

    Args:
      limit: of a larger file it reads one byte more than this, or some.

    Returns:
      what could be decompressed, and why not all could; None if all is well.
      Before trailing garbage all could.
    """
    data = b''
    try:
      data = self.read_decompressed(limit + 1)
      # Before damage comes what could be decompressed. One more byte tells it
      # from a file that ends here.
      if len(data) <= limit:
        self.read_decompressed(1)
    except DamagedFileError as e:
      return data, e
    return data, None

  def seek_plain(self, offset: int) -> None:
    """Goes to a byte of a file that is not compressed."""
    self._raw.seek(offset)
