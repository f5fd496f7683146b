"""Reads JSON lines: each line is an object with a field for the text."""

from collections.abc import Iterator

import orjson

from ul2_flan.pipelines.sources.block import DocumentBlock, Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import Lines, read_lines


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """Reads the documents of a piece; skips lines of nothing but white space.

  Rejects:
    not_json, invalid_utf8, wrong_type, missing_field: a line that is no object
      with the fields of `options`.
    too_long_record: a line over `max_document_bytes`.
    damaged_file: the rest of a compressed file cannot be decompressed.
  """
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
  """Adds the document of each line to a block, or a reject."""
  for place, line in lines.with_places():
    if not line:
      continue
    try:
      fields = orjson.loads(line)
    except orjson.JSONDecodeError as e:
      if line.strip():
        block.reject(place, *why_not_json(line, e), line)
      continue
    block.add(place, fields, line, options)


def why_not_json(line: bytes, error: Exception) -> tuple[str, str]:
  r"""Returns the reason and the detail of a line that is no JSON.

  >>> why_not_json(b'\xff', ValueError('unexpected character'))[0]
  'invalid_utf8'

  Args:
    line: the line.
    error: what the parser said of it.
  """
  try:
    line.decode()
  except UnicodeDecodeError as e:
    return 'invalid_utf8', str(e)
  return 'not_json', str(error)
