"""Splits files into lines, compressed or plain, each with its place.

A plain file may be divided at any byte: the piece [start, stop) has the lines
whose first byte lies in it, so pieces that meet have every line once.
"""

import codecs
from collections.abc import Iterator, Sequence
import dataclasses
import itertools

from ul2_flan.pipelines.sources.block import Piece, SourceOptions
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  Stream,
  TrailingGarbageError,
  compression_of,
  open_chunks,
  open_stream,
)

# How many empty lines that follow one another are given out; the rest are only
# counted. The csv module needs some of them: so many end a cell, as too long.
_MAX_EMPTY_LINES = 1 << 18

# So much is read behind a piece's end, where its last line usually ends.
_BEHIND_BYTES = 1 << 16

# A disk's sector of zeros: what a disk or a download lost, and no text has.
HOLE = bytes(512)


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
  """Lines that follow each other in a file.

  Attributes:
    offset: the place of the first line's first byte, after decompression.
    lines: the lines, without their newlines.
    source_bytes: how much of the file has been read, in bytes as stored.
    too_long: whether this is a single line over the limit, cut at the limit.
    is_open: whether this is the file's last line, and no newline ends it.
    damage: why the file cannot be read from `offset` on; then there are no
      lines. '' if all is well.
  """

  offset: int
  lines: list[bytes]
  source_bytes: int
  too_long: bool = False
  is_open: bool = False
  damage: str = ''

  def places(self) -> list[int]:
    """Returns the offset of each line.

    >>> Lines(100, [b'one', b'', b'two'], 0).places()
    [100, 104, 105]
    """
    steps = (len(line) + 1 for line in self.lines[:-1])
    return list(itertools.accumulate(steps, initial=self.offset))

  def with_places(self) -> Iterator[tuple[int, bytes]]:
    """Yields each line and its offset; drops a byte order mark at the start.

    >>> list(Lines(0, [codecs.BOM_UTF8 + b'a', b'b'], 0).with_places())
    [(0, b'a'), (5, b'b')]
    """
    at = self.offset
    for line in self.lines:
      # Only the file's first line may have such a mark.
      yield at, line if at else line.removeprefix(codecs.BOM_UTF8)
      at += len(line) + 1


def read_lines(
  piece: Piece, options: SourceOptions, chunks: Sequence[str] = ()
) -> Iterator[Lines]:
  """Reads the lines of a piece, in blocks of about `block_bytes`.

  Of a long stretch of newlines it gives out the first alone.

  Args:
    piece: a range of a plain file, or a whole compressed file; the range of a
      compressed one is ignored.
    options: `max_document_bytes` is the limit of a line. Memory stays below
      limit and block together, however long a line is.
    chunks: paths of the file's further chunks, if it was cut; then the piece
      is the whole of its first.
  """
  opened = (
    open_chunks([piece.path, *chunks]) if chunks else open_stream(piece.path)
  )
  with opened as stream:
    splitter = _Splitter(options.max_document_bytes)
    left = b''
    if not (chunks or compression_of(piece.path)):
      left = splitter.go_to(piece, stream, options.block_bytes)
    while splitter.at < splitter.stop:
      damage, is_cut = '', False
      try:
        size = splitter.wanted(options.block_bytes)
        chunk = left or stream.read_decompressed(size)
        left = b''
      except DamagedFileError as e:
        chunk, damage = b'', str(e)
        is_cut = not isinstance(e, TrailingGarbageError)
      if (hole := chunk.find(HOLE)) >= 0:
        if hole:  # nothing at all would be the end of the file
          yield from splitter.split(chunk[:hole], stream.source_bytes)
        if splitter.at < splitter.stop:
          told = 'it has zeros instead of text'
          yield Lines(splitter.at, [], stream.source_bytes, damage=told)
        return
      if not is_cut:  # else nobody knows the rest of the last line
        yield from splitter.split(chunk, stream.source_bytes)
      if damage:
        yield Lines(splitter.at, [], stream.source_bytes, damage=damage)
      if not chunk:
        return


class _Splitter:
  """Joins the ends of lines that two chunks share; drops what is too long.

  Attributes:
    at: the place of the first byte that no line given out has: of `_rest`, or
      inside of the line that is being dropped.
    stop: lines that begin here, or later, are another piece's.
  """

  def __init__(self, limit: int):
    """Begins at the file's first byte; lines over `limit` bytes are cut."""
    self.at = 0
    self.stop = float('inf')
    self._limit = limit
    self._rest = b''  # the line so far that the last chunk did not end
    self._dropping = False  # whether the next bytes belong to a cut line
    self._empty = 0  # chunks of nothing but newlines, so far: their bytes

  def go_to(self, piece: Piece, stream: Stream, block_bytes: int) -> bytes:
    """Goes to the first line that begins in a piece of a plain file.

    Returns:
      what was read of it on the way.
    """
    self.stop = piece.stop
    if not piece.start:
      return b''
    # The byte before the piece decides: if it is a newline, a line begins at
    # `start`; otherwise the line that holds it is the piece's before.
    self.at = piece.start - 1
    stream.seek_plain(self.at)
    while chunk := stream.read_decompressed(self.wanted(block_bytes)):
      end = chunk.find(b'\n') + 1
      if end:
        self.at += end
        return chunk[end:]
      self.at += len(chunk)
    return b''

  def wanted(self, block_bytes: int) -> int:
    """Returns how many bytes to read next: a block, or what ends the piece."""
    before_stop = self.stop - self.at - len(self._rest)
    # A line may go on behind the piece. Should it be long, we read as much
    # again as there is of it, so that joining it takes linear time.
    behind = max(len(self._rest), _BEHIND_BYTES)
    return int(min(block_bytes, max(before_stop, 0) + behind))

  def split(self, chunk: bytes, source_bytes: int) -> Iterator[Lines]:
    """Yields the lines that a chunk ends.

    Args:
      chunk: the bytes that follow; empty at the file's end, which ends a line
        too.
      source_bytes: see `Lines`.
    """
    kept = self._without_newlines(chunk)
    yield from self._split(kept, source_bytes)
    self.at += len(chunk) - len(kept)

  def _without_newlines(self, chunk: bytes) -> bytes:
    """Cuts a chunk off where too many newlines have followed one another."""
    # Comparing the whole costs a hundredth of splitting it.
    if self._dropping or chunk[:1] != b'\n' or chunk != b'\n' * len(chunk):
      self._empty = 0
      return chunk
    self._empty += len(chunk)
    over = self._empty - _MAX_EMPTY_LINES
    return chunk[: max(len(chunk) - over, 1)] if over > 0 else chunk

  def _split(self, chunk: bytes, source_bytes: int) -> Iterator[Lines]:
    """Does what `split` does with the chunk that it leaves."""
    if self._dropping:
      end = chunk.find(b'\n') + 1
      self.at += end or len(chunk)
      self._dropping = not end
      chunk = chunk[end:] if end else b''
      if not chunk:  # or else it would seem to be the file's end
        return
    size = len(self._rest) + len(chunk)
    lines = chunk.split(b'\n')
    lines[0] = self._rest + lines[0]
    # What follows the last newline goes on in the next chunk. At the end of the
    # file it is a line, unless it is empty: then the newline was the last byte.
    self._rest = lines.pop()
    if self._rest and not chunk:
      lines.append(self._rest)
      self._rest = b''
    if lines:
      block = Lines(self.at, lines, source_bytes, is_open=not chunk)
      block = _before(self.stop, block)
      yield from _cut(block, self._limit)
      self.at += size - len(self._rest)
    if len(self._rest) > self._limit:
      if self.at < self.stop:
        head = self._rest[: self._limit]
        yield Lines(self.at, [head], source_bytes, too_long=True)
      self.at += len(self._rest)
      self._rest, self._dropping = b'', True


def _cut(block: Lines, limit: int) -> Iterator[Lines]:
  """Yields the same lines; each that is over the limit alone, and cut."""
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
      at += sum(map(len, part)) + len(part)  # each line had a newline


def _before(stop: float, block: Lines) -> Lines:
  """Keeps the lines that begin before `stop`."""
  # All but a piece's last block begin and end before it; they are passed on
  # without a look at each line.
  end = block.offset + sum(map(len, block.lines)) + len(block.lines) - 1
  if end - len(block.lines[-1]) < stop:
    return block
  kept = [
    line
    for place, line in zip(block.places(), block.lines, strict=True)
    if place < stop
  ]
  return dataclasses.replace(block, lines=kept)
