"""Plain text: a file is a document, or each paragraph of it is."""

from __future__ import annotations

from collections.abc import Iterator

from ul2_flan.pipelines.sources.block import Block, Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import (
  DamagedFileError,
  open_stream,
  read_lines,
)


def read_document(piece: Piece, options: SourceOptions) -> Iterator[Block]:
  """The whole file as one document."""
  block = Block(piece.path)
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


def read_paragraphs(piece: Piece, options: SourceOptions) -> Iterator[Block]:
  """Each stretch of lines between empty lines as one document.

  A paragraph's lines are joined by newlines; its place is its first byte.
  """
  lines: list[bytes] = []
  first = 0
  for part in read_lines(piece, options):
    block = Block(piece.path, source_bytes=part.source_bytes)
    if part.damage:
      block.reject(part.offset, 'damaged_file', part.damage)
    elif part.too_long:
      detail = f'over {options.max_document_bytes} bytes without a newline'
      block.reject(part.offset, 'too_long_record', detail, part.lines[0])
    else:
      for place, line in zip(part.places(), part.lines, strict=True):
        if line.strip():
          first = first if lines else place
          lines.append(line)
        elif lines:
          _add(block, first, b'\n'.join(lines), options)
          lines = []
    yield block
  if lines:
    block = Block(piece.path, source_bytes=piece.size)
    _add(block, first, b'\n'.join(lines), options)
    yield block


def _add(block: Block, place: int, data: bytes, options: SourceOptions) -> None:
  try:
    text = data.decode()
  except UnicodeDecodeError as e:
    block.reject(place, 'invalid_utf8', str(e), data)
    return
  fields: dict[str, object] = {options.text_field: text}
  if options.id_field:
    fields[options.id_field] = f'{block.source}:{place}'
  block.add(place, fields, data, options)
