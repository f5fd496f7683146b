"""Reads JSON lines: each line is an object with a field for the text."""

from collections.abc import Iterator
import json
from typing import Any

import orjson

from ul2_flan.pipelines.sources.block import (
  DAMAGED_FILE,
  DocumentBlock,
  Piece,
  SourceOptions,
)
from ul2_flan.pipelines.sources.lines import Lines, read_lines


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """Reads the documents of a piece; skips lines of nothing but white space.

  Rejects:
    not_json, invalid_utf8, wrong_type, missing_field: a line that is no object
      with the fields of `options`.
    too_long_record: a line over `max_document_bytes`.
    damaged_file: the rest of a compressed file cannot be decompressed, or the
      file ends within a record.
  """
  for lines in read_lines(piece, options):
    block = DocumentBlock(piece.path, source_bytes=lines.source_bytes)
    if lines.damage:
      block.reject(lines.offset, DAMAGED_FILE, lines.damage)
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
    except orjson.JSONDecodeError:
      if line.strip():
        _add_loose(place, line, block, options, lines.is_open)
      continue
    block.add(place, fields, line, options)


def _add_loose(
  place: int,
  line: bytes,
  block: DocumentBlock,
  options: SourceOptions,
  is_open: bool,
) -> None:
  """Adds the document of a line that is not strictly JSON, or rejects it."""
  try:
    fields = loads(line)
  except orjson.JSONDecodeError as e:
    block.reject(place, *why_not_json(line, e, is_open), line)
    return
  for name in (options.text_field, options.id_field):
    value = fields.get(name) if isinstance(fields, dict) else None
    try:
      _ = value.encode() if isinstance(value, str) else b''
    except UnicodeEncodeError as e:
      block.reject(place, 'invalid_utf8', f"'{name}': {e}", line)
      return
  block.add(place, fields, line, options)


def loads(data: bytes) -> Any:
  r"""Parses JSON, also with what most writers write and the RFC does not allow.

  That is `NaN`, `Infinity`, and half a surrogate pair; a number that no double
  can hold becomes infinite. Such a value may stand in a field that nobody uses.

  >>> loads(b'{"a": NaN, "b": 1e999, "text": "here"}')['text']
  'here'

  Raises:
    orjson.JSONDecodeError: it is no JSON all the same.
  """
  try:
    return orjson.loads(data)
  except orjson.JSONDecodeError:
    try:
      # Some writers encode half a pair as if it were a character.
      text = data.decode(errors='surrogatepass')
      return json.loads(text, parse_int=_number)
    except (ValueError, RecursionError):
      pass
    raise


def _number(digits: str) -> int | float:
  """Makes a number as orjson does: a float if it has more than 64 bits."""
  number = float(digits)
  return int(digits) if -(1 << 63) <= number < 1 << 64 else number


def why_not_json(
  line: bytes, error: Exception, is_open: bool
) -> tuple[str, str]:
  r"""Returns the reason and the detail of a line that is no JSON.

  >>> why_not_json(b'\xff', ValueError('unexpected character'), False)[0]
  'invalid_utf8'

  Args:
    line: the line.
    error: what the parser said of it.
    is_open: see `Lines`. A file that ends within an object was cut.
  """
  is_cut = line.startswith(b'{') and not line.rstrip().endswith(b'}')
  if is_open and is_cut:
    return DAMAGED_FILE, f'it ends early, within a record: {error}'
  try:
    line.decode()
  except UnicodeDecodeError as e:
    return 'invalid_utf8', str(e)
  return 'not_json', str(error)
