"""Plain text: a file is a document, or each paragraph of it is."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
import dataclasses

from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import (
  DamagedFileError,
  open_stream,
  read_lines,
)


def read_document(
  piece: Piece, options: SourceOptions
) -> Iterator[DocumentBlock]:
  """The whole file as one document."""
  block = DocumentBlock(piece.path)
  with open_stream(piece.path) as stream:
    data = b''
    try:
      data = stream.read_decompressed(options.max_document_bytes + 1)
      # Only a damaged file stops short of both its end and the limit.
      if len(data) <= options.max_document_bytes:
        stream.read_decompressed(1)
    except DamagedFileError as e:
      block.reject(0, 'damaged_file', str(e), data)
    else:
      if len(data) > options.max_document_bytes:
        detail = f'over {options.max_document_bytes} bytes'
        block.reject(0, 'too_long_record', detail, data)
      else:
        _add(block, 0, data, options)
    block.source_bytes = stream.source_bytes
  yield block


def read_paragraphs(
  piece: Piece, options: SourceOptions
) -> Iterator[DocumentBlock]:
  """Each stretch of lines between empty lines as one document.

  A paragraph's lines are joined by newlines; its place is its first byte.
  """
  paragraph = _Paragraph()
  for part in read_lines(piece, options):
    block = DocumentBlock(piece.path, source_bytes=part.source_bytes)
    if part.damage:
      block.reject(part.offset, 'damaged_file', part.damage)
    for place, line in zip(part.places(), part.lines, strict=bool(part.lines)):
      if part.too_long or line.strip():
        size = len(line) + 1 + part.too_long  # of a long line there is a head
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
  """Lines so far, of which no more is kept than a document may have."""

  first: int = 0
  size: int = -1  # newlines stand between lines only
  lines: list[bytes] = dataclasses.field(default_factory=list)

  def append(self, place: int, line: bytes, size: int, limit: int) -> None:
    if not self.lines:
      self.first = place
    if not self.lines or self.size <= limit:
      self.lines.append(line)
    self.size += size

  def end(self, block: DocumentBlock, options: SourceOptions) -> None:
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
  try:
    text = data.removeprefix(codecs.BOM_UTF8).decode()
  except UnicodeDecodeError as e:
    block.reject(place, 'invalid_utf8', str(e), data)
    return
  fields: dict[str, object] = {options.text_field: text}
  if options.id_field:
    fields[options.id_field] = f'{block.source}:{place}'
  block.add(place, fields, data, options)
