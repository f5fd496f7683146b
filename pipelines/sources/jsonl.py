"""JSON lines: one object a line, of which a field is the text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import orjson

from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import Lines, read_lines


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """The documents of a piece; a line of white space is none."""
  for lines in read_lines(piece, options):
    block = DocumentBlock(piece.path, source_bytes=lines.source_bytes)
    if lines.damage:
      block.reject(lines.offset, 'damaged_file', lines.damage)
    elif lines.too_long:
      detail = f'over {options.max_document_bytes} bytes without a newline'
      block.reject(lines.offset, 'too_long_record', detail, lines.lines[0])
    else:
      _parse(lines, block, options)
    yield block


def _parse(lines: Lines, block: DocumentBlock, options: SourceOptions) -> None:
  for place, line in zip(lines.places(), lines.lines, strict=True):
    if not place:
      line = line.removeprefix(codecs.BOM_UTF8)
    try:
      fields = orjson.loads(line)
    except orjson.JSONDecodeError as e:
      if line.strip():
        block.reject(place, *_explain(line, e), line)
      continue
    block.add(place, fields, line, options)


def _explain(line: bytes, error: Exception) -> tuple[str, str]:
  try:
    line.decode()
  except UnicodeDecodeError as e:
    return 'invalid_utf8', str(e)
  return 'not_json', str(error)
