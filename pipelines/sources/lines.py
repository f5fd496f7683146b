"""Streams of bytes and of lines, compressed or plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
import dataclasses
import io
import itertools
from typing import Any, BinaryIO, cast

from isal import igzip, isal_zlib
import pyarrow as pa

from ul2_flan.pipelines.sources.block import Piece, SourceOptions
from ul2_flan.pipelines.storage import files

# What a decompressor is asked for at a time: as much is lost, at most, before
# the place where a file turns out to be damaged.
_STEP_BYTES = 1 << 16

# What decompressors raise; by its stubs isal's error is no class.
_DAMAGE: Any = (OSError, EOFError, isal_zlib.error, pa.ArrowException)

COMPRESSIONS = {'.gz': 'gzip', '.bz2': 'bz2', '.zst': 'zstd'}


class DamagedFileError(ValueError):
  """A compressed file is cut off, or is not what its name says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
  """Lines that follow each other in a file.

  Attributes:
    offset: of the first line's first byte, after decompression.
    lines: without their newlines.
    source_bytes: how far the file has been read, in its own bytes.
    too_long: whether it is instead the head of one line that is over the limit.
    damage: what is wrong with the file after these lines, if anything.
  """

  offset: int
  lines: list[bytes]
  source_bytes: int
  too_long: bool = False
  damage: str = ''

  def places(self) -> list[int]:
    """The offset of each line."""
    steps = (len(line) + 1 for line in self.lines[:-1])
    return list(itertools.accumulate(steps, initial=self.offset))


def compression_of(path: str) -> str:
  """The compression that a file's name tells of, or ''.

  >>> compression_of('c4/en.00000.jsonl.gz'), compression_of('a.jsonl')
  ('gzip', '')
  """
  for suffix, name in COMPRESSIONS.items():
    if path.endswith(suffix):
      return name
  return ''


@contextlib.contextmanager
def open_stream(path: str) -> Iterator[Stream]:
  """Opens a file for reading what it holds, decompressed by its name."""
  with files.open_read(path) as raw:
    yield Stream(raw, path)


class Stream:
  """A readable file that tells a damaged file from one that is out of reach."""

  def __init__(self, raw: BinaryIO, path: str):
    self._raw = _Watched(raw)
    self._damage = ''
    self._path = path
    compression = compression_of(path)
    # All of these go on where compressed files were concatenated. Intel's
    # library inflates three times as fast as zlib, which would take a
    # twentieth of the whole pipeline's time.
    self._step: Callable[[int], bytes | None] = self._raw.read
    if compression == 'gzip':
      self._step = igzip.IGzipFile(fileobj=self._raw).read
    elif compression:
      self._step = pa.input_stream(self._raw, cast(Any, compression)).read

  @property
  def source_bytes(self) -> int:
    """How far the file has been read, in its own bytes."""
    return self._raw.count

  def read_decompressed(self, size: int) -> bytes:
    """At least `size` bytes of what the file holds, or all that is left.

    Raises:
      DamagedFileError: the bytes cannot be decompressed, and all that could
        have been read. Errors of the file system are raised as they are: a
        worker will try again.
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
    """Goes to a byte of a plain file."""
    self._raw.raw.seek(offset)


class _Watched(io.RawIOBase):
  """A file as decompressors want it, which remembers its own failures.

  Attributes:
    raw: the file.
    count: bytes read from it.
    failure: what it raised, if anything.
  """

  def __init__(self, raw: BinaryIO):
    super().__init__()
    self.raw = raw
    self.count = 0
    self.failure: Exception | None = None

  def readable(self) -> bool:
    return True

  def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
    try:
      data = self.raw.read(len(buffer))
    except Exception as e:
      self.failure = e
      raise
    buffer[: len(data)] = data
    self.count += len(data)
    return len(data)


def read_lines(piece: Piece, options: SourceOptions) -> Iterator[Lines]:
  """The lines of a piece, in blocks.

  Of a plain file those that begin in [start, stop), so that pieces that meet
  have every line once; of a compressed one all.
  """
  with open_stream(piece.path) as stream:
    at = 0
    stop: float = float('inf')
    rest = b''
    if not compression_of(piece.path):
      stop = piece.stop
      if piece.start:
        # The line that holds the byte before is another piece's.
        at = piece.start - 1
        stream.seek_plain(at)
        rest, at = _skip_line(stream, at, options)
    skipping = False
    damage = ''
    while at < stop:
      try:
        chunk = stream.read_decompressed(options.block_bytes)
      except DamagedFileError as e:
        chunk, damage = b'', str(e)
      data = rest + chunk
      done = stream.source_bytes
      if skipping:
        # Inside a line that is over the limit: drop up to its end.
        end = data.find(b'\n') + 1
        at += end or len(data)
        rest, skipping = (data[end:], False) if end else (b'', bool(chunk))
        if not chunk:
          break
        continue
      limit = options.max_document_bytes
      lines = data.split(b'\n')
      # What follows the last newline goes on, or at the end is a line, if any.
      rest = lines.pop()
      if rest and not chunk:
        lines.append(rest)
        rest = b''
      if lines:
        yield from _limited(_until(stop, Lines(at, lines, done)), limit)
        at += len(data) - len(rest)
      if len(rest) > limit:
        if at < stop:
          yield Lines(at, [rest[:limit]], done, too_long=True)
        at += len(rest)
        rest, skipping = b'', True
      if not chunk:
        break
    if damage:
      yield Lines(at, [], stream.source_bytes, damage=damage)


def _skip_line(
  stream: Stream, at: int, options: SourceOptions
) -> tuple[bytes, int]:
  """Reads past a newline; returns what was read after it, and its place."""
  while chunk := stream.read_decompressed(options.block_bytes):
    end = chunk.find(b'\n') + 1
    if end:
      return chunk[end:], at + end
    at += len(chunk)
  return b'', at


def _limited(block: Lines, limit: int) -> Iterator[Lines]:
  """The same lines, each that is over the limit by itself and cut."""
  if max(map(len, block.lines), default=0) <= limit:
    yield block
    return
  at = block.offset
  for too_long, group in itertools.groupby(
    block.lines, lambda line: len(line) > limit
  ):
    lines = list(group)
    for part in [[line] for line in lines] if too_long else [lines]:
      shown = [line[:limit] for line in part]
      yield Lines(at, shown, block.source_bytes, too_long=too_long)
      at += sum(map(len, part)) + len(part)


def _until(stop: float, block: Lines) -> Lines:
  """The lines that begin before `stop`."""
  offset = block.offset + sum(map(len, block.lines)) + len(block.lines) - 1
  if offset - len(block.lines[-1]) < stop:
    return block
  kept = [
    line
    for place, line in zip(block.places(), block.lines, strict=True)
    if place < stop
  ]
  return dataclasses.replace(block, lines=kept)
