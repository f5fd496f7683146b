"""Decompresses files of one or several members: gzip, bzip2, Zstandard.

A member is what a compressor makes at once; joined files are one file. All of a
member is given before anything is said of what follows it.
"""

import bz2
from collections.abc import Callable
import dataclasses
import re
from typing import Any, Protocol

from isal import igzip_lib
import zstandard

# Compressed bytes given to a decompressor at a time. Zstandard gives all that
# they hold, which can be 2 ** 15 times as much.
_COMPRESSED_BYTES = 1 << 13

# So many bytes tell whether a member begins.
_BEGIN_BYTES = 4


class GarbageError(ValueError):
  """What follows a member begins no other; all before it was given."""


# What decompressors raise; by its stubs isal's error is no class.
DAMAGE: Any = (
  *(OSError, EOFError, igzip_lib.IsalError, zstandard.ZstdError),
  GarbageError,
)


class _Decompressor(Protocol):
  """Decompresses one member; as `bz2.BZ2Decompressor`."""

  @property
  def eof(self) -> bool: ...
  @property
  def needs_input(self) -> bool: ...
  @property
  def unused_data(self) -> bytes: ...
  def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zstandard:
  """Zstandard's decompressor, for windows of any size."""

  needs_input = True

  def __init__(self) -> None:
    whole = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    self._frame = whole.decompressobj()

  @property
  def eof(self) -> bool:
    return self._frame.eof

  @property
  def unused_data(self) -> bytes:
    return self._frame.unused_data

  def decompress(self, data: bytes, max_length: int) -> bytes:
    del max_length  # it gives all that there is
    return self._frame.decompress(data)


@dataclasses.dataclass(frozen=True, slots=True)
class Compression:
  """A compression: what makes decompressors, and how members begin."""

  make: Callable[[], _Decompressor]
  begins: re.Pattern[bytes]


KNOWN = {
  # Intel's library (isal) inflates three times as fast as zlib, which would
  # take a twentieth of the whole pipeline's time.
  'gzip': Compression(
    lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP),
    re.compile(rb'\x1f\x8b'),
  ),
  # What TensorFlow calls ZLIB; no ending of a name says it.
  'zlib': Compression(
    lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_ZLIB),
    re.compile(rb'\x78[\x01\x5e\x9c\xda]'),
  ),
  'bz2': Compression(bz2.BZ2Decompressor, re.compile(rb'BZh')),
  # A frame, or one that is to be skipped.
  'zstd': Compression(
    _Zstandard, re.compile(rb'\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18')
  ),
}


def compression_in(head: bytes) -> str:
  r"""Tells a compression by a file's first bytes; '' if it has none of ours.

  >>> compression_in(b'\x1f\x8b\x08\x00'), compression_in(b'{"text"')
  ('gzip', '')
  """
  return next((k for k, v in KNOWN.items() if v.begins.match(head)), '')


class Members:
  """The members of a file, decompressed one after the other."""

  def __init__(self, read: Callable[[int], bytes], compression: Compression):
    """Reads nothing yet.

    Args:
      read: reads up to so many bytes of the file; none at its end.
      compression: of all members.
    """
    self._read = read
    self._compression = compression
    self._member: _Decompressor | None = None
    self._is_first = True
    self._rest = b''  # read, and not yet given to a decompressor

  def read(self, size: int) -> bytes:
    """Returns at least a byte, and about `size` at most; none at the end.

    Raises:
      Exception: one of `DAMAGE`, or what a read of the file raises.
    """
    data = b''
    while not data:
      if self._member is None and not self._begin():
        break
      assert self._member
      if self._member.needs_input and not self._rest:
        self._rest = self._read(_COMPRESSED_BYTES)
        if not self._rest:
          raise EOFError('it ends early')
      rest, self._rest = self._rest, b''
      data = self._member.decompress(rest, size)
      if self._member.eof:
        self._rest = self._member.unused_data
        self._member, self._is_first = None, False
    return data

  def _begin(self) -> bool:
    """Begins a member; returns whether there is one.

    Raises:
      GarbageError: there is something else, and not at the file's start.
    """
    while True:
      if not self._is_first:
        # Zeros fill up the last block of a tape.
        self._rest = self._rest.lstrip(b'\0')
      more = b''
      if len(self._rest) < _BEGIN_BYTES:
        more = self._read(_COMPRESSED_BYTES)
      if not more:
        break
      self._rest += more
    if not self._rest:
      return False
    if not (self._is_first or self._compression.begins.match(self._rest)):
      raise GarbageError('what follows the compressed data is not compressed')
    self._member = self._compression.make()
    return True
