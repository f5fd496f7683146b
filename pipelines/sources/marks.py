"""Marks of what was read, by which a resumed run finds files that changed.

A size tells little: somebody may replace words by others as long. So a mark has
the version that the file system gives, which costs nothing to compare, and on a
local disk a checksum of the bytes: versions differ in copies of a file, and
after a change of its owner.
"""

import contextlib
import dataclasses
import os
from typing import BinaryIO

import google_crc32c

from ul2_flan.pipelines.sources.block import Piece
from ul2_flan.pipelines.sources.decompress import DamagedFileError
from ul2_flan.pipelines.storage import files

_READ_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
  """What the bytes were that a piece of a file was read from.

  Attributes:
    path: of the file.
    start: the first byte.
    stop: the end, exclusive.
    version: see `files.version`.
    crc32c: of the bytes, as eight hexadecimal digits; '' if the file is not
      local, where reading it again costs too much.
  """

  path: str
  start: int
  stop: int
  version: str
  crc32c: str = ''

  @property
  def is_same(self) -> bool:
    """Whether the file still holds the bytes, as far as can be told."""
    try:
      if files.version(self.path) == self.version:
        return True
      if not self.crc32c:
        return False
      with files.open_read(self.path) as file:
        return _crc32c(file, self.start, self.stop) == self.crc32c
    except FileNotFoundError:
      return False


def mark(piece: Piece) -> Mark | None:
  """Marks the bytes of a piece; None if the file is gone."""
  try:
    version = files.version(piece.path)
    if not files.is_local(piece.path):
      return Mark(piece.path, 0, 0, version)
    with files.open_read(piece.path) as file:
      start, stop = _bytes_of(piece, file)
      crc32c = _crc32c(file, start, stop)
  except FileNotFoundError:
    return None
  return Mark(piece.path, start, stop, version, crc32c)


def lost(piece: Piece, mark: Mark) -> str:
  """Says how much a file has lost since the run was planned; '' if nothing."""
  if not mark.crc32c or _is_parquet(piece) or mark.stop >= piece.stop:
    return ''
  return f'at {mark.stop:,}: it ends early; it went on to {piece.stop:,} before'


def _is_parquet(piece: Piece) -> bool:
  return piece.kind.endswith('parquet')


def _bytes_of(piece: Piece, file: BinaryIO) -> tuple[int, int]:
  """Returns [start, stop), where the bytes of a piece lie in its file."""
  if _is_parquet(piece):
    with contextlib.suppress(DamagedFileError):
      # Only here, because pyarrow takes long to import.
      from ul2_flan.pipelines.sources import parquet

      return parquet.byte_range(file, piece.start, piece.stop)
    return 0, piece.size
  # The last line of a piece may end behind it, and the byte before it tells
  # whether its first byte begins a line.
  stop = min(max(piece.stop - 1, 0), file.seek(0, os.SEEK_END))
  file.seek(stop)
  while data := file.read(_READ_BYTES):
    end = data.find(b'\n') + 1
    stop += end or len(data)
    if end:
      break
  return max(piece.start - 1, 0), stop


def _crc32c(file: BinaryIO, start: int, stop: int) -> str:
  crc = 0
  file.seek(start)
  while data := file.read(max(0, min(_READ_BYTES, stop - start))):
    crc = google_crc32c.extend(crc, data)
    start += len(data)
  return f'{crc:08x}'
