"""Reads plain text: a file is one document, or each paragraph is one."""

import codecs
from collections.abc import Iterator
import dataclasses

from ul2_flan.pipelines.sources.block import (
  DAMAGED_FILE,
  DocumentBlock,
  Piece,
  SourceOptions,
)
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  TrailingGarbageError,
  open_stream,
)
from ul2_flan.pipelines.sources.lines import HOLE, read_lines


def read_document(
  piece: Piece, options: SourceOptions
) -> Iterator[DocumentBlock]:
  """Reads the whole file as one document; its place is 0.

  Rejects:
    damaged_file, too_long_record, invalid_utf8: what is wrong with the file.
  """
  block = DocumentBlock(piece.path)
  with open_stream(piece.path) as stream:
    data, damage = stream.read_whole(options.max_document_bytes)
    if not damage and HOLE in data:
      damage = DamagedFileError('it has zeros instead of text')
    if damage:
      block.reject(0, DAMAGED_FILE, str(damage), data)
    if len(data) > options.max_document_bytes:
      detail = f'over {options.max_document_bytes} bytes'
      block.reject(0, 'too_long_record', detail, data)
    elif not damage or isinstance(damage, TrailingGarbageError):
      _add(block, 0, data, options)
    block.source_bytes = stream.source_bytes
  yield block


def read_paragraphs(
  piece: Piece, options: SourceOptions
) -> Iterator[DocumentBlock]:
  """Reads each stretch of lines between empty lines as one document.

  A line of white space counts as empty. A paragraph's lines are joined by
  newlines; its place is its first byte.

  Rejects:
    too_long_record, invalid_utf8: a paragraph.
    damaged_file: the rest of a compressed file cannot be decompressed.
  """
  paragraph = _Paragraph()
  for part in read_lines(piece, options):
    block = DocumentBlock(piece.path, source_bytes=part.source_bytes)
    if part.damage:
      block.reject(part.offset, DAMAGED_FILE, part.damage)
    for place, line in zip(part.places(), part.lines, strict=bool(part.lines)):
      if part.too_long or line.strip():
        # A line that is too long comes cut at the limit: one byte more puts
        # its paragraph over the limit.
        size = len(line) + 1 + part.too_long
        paragraph.append(place, line, size, options.max_document_bytes)
      else:
        paragraph.end(block, options)
        paragraph = _Paragraph()
    yield block
  block = DocumentBlock(piece.path, source_bytes=piece.size)
  paragraph.end(block, options)
  if block.texts or block.rejects:
    yield block


@dataclasses.dataclass(slots=True)
class _Paragraph:
  """The lines of a paragraph so far.

  Attributes:
    first: the place of the first line.
    size: bytes of all lines with the newlines between them. It begins with -1,
      since there is a newline less than there are lines.
    lines: the lines; once they are over the limit, no more are kept.
  """

  first: int = 0
  size: int = -1
  lines: list[bytes] = dataclasses.field(default_factory=list)

  def append(self, place: int, line: bytes, size: int, limit: int) -> None:
    if not self.lines:
      self.first = place
    if not self.lines or self.size <= limit:
      self.lines.append(line)
    self.size += size

  def end(self, block: DocumentBlock, options: SourceOptions) -> None:
    """Adds the paragraph to a block, or rejects it; does nothing if empty."""
    data = b'\n'.join(self.lines)
    if self.size > options.max_document_bytes:
      detail = f'over {options.max_document_bytes} bytes without an empty line'
      head = data[: options.max_document_bytes]
      block.reject(self.first, 'too_long_record', detail, head)
    elif self.lines:
      _add(block, self.first, data, options)


def _add(
  block: DocumentBlock, place: int, data: bytes, options: SourceOptions
) -> None:
  """Adds a text, identified by file and place if ids are asked for."""
  try:
    text = data.removeprefix(codecs.BOM_UTF8).decode()
  except UnicodeDecodeError as e:
    block.reject(place, 'invalid_utf8', str(e), data)
    return
  fields: dict[str, object] = {options.text_field: text}
  if options.id_field:
    fields[options.id_field] = f'{block.source}:{place}'
  block.add(place, fields, data, options)
