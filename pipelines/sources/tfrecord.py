"""Reads TFRecord files of `tf.train.Example`: a feature is the text."""

from collections.abc import Iterator
import io
from typing import BinaryIO, cast

import numpy as np

from ul2_flan.pipelines.sources.block import (
  DAMAGED_FILE,
  DocumentBlock,
  Piece,
  SourceOptions,
)
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  Stream,
  open_stream,
)
from ul2_flan.tasks import records


def read(piece: Piece, options: SourceOptions) -> Iterator[DocumentBlock]:
  """Reads the documents of a file; a place is the number of a record.

  Rejects:
    not_an_example, missing_field, wrong_type, invalid_utf8: a record that is no
      Example with the features of `options`.
    too_long_record: a record over `max_document_bytes`.
    damaged_file: the rest of the file, after a checksum that does not fit.
  """
  with open_stream(piece.path, records.is_frame_head) as stream:
    block = DocumentBlock(piece.path)
    size = 0
    limit = options.max_document_bytes
    frames = read_frames(stream, piece.path, limit)
    for number, record in enumerate(frames):
      if isinstance(record, str):
        block.reject(number, DAMAGED_FILE, record)
        break
      if isinstance(record, records.LongRecord):
        detail = f'{record} bytes, over {limit}'
        block.reject(number, 'too_long_record', detail)
        continue
      _add(block, number, record, options)
      size += len(record)
      if size >= options.block_bytes:
        block.source_bytes = stream.source_bytes
        yield block
        block, size = DocumentBlock(piece.path), 0
    block.source_bytes = stream.source_bytes
    yield block


def _add(
  block: DocumentBlock, number: int, record: bytes, options: SourceOptions
) -> None:
  """Adds the document of a serialised example, or rejects it."""
  try:
    features = records.decode_example(record)
  except records.CorruptRecordError as e:
    block.reject(number, 'not_an_example', str(e), record)
    return
  fields: dict[str, object] = {}
  for name, values in features.items():
    # Every feature of an Example is a list; a list of one is a plain value.
    value = values[0] if len(values) == 1 else values
    if isinstance(value, bytes):
      try:
        fields[name] = value.decode()
      except UnicodeDecodeError as e:
        if name in (options.text_field, options.id_field):
          block.reject(number, 'invalid_utf8', f"'{name}': {e}", record)
          return
        # Other features may hold any bytes: images, say.
        fields[name] = value
    else:
      fields[name] = int(value) if isinstance(value, np.integer) else value
  block.add(number, fields, record, options)


def read_frames(
  stream: Stream, path: str, limit: int = records.MAX_RECORD_BYTES
) -> Iterator[bytes | records.LongRecord | str]:
  """Yields the records of a file; at last a message if the rest is damaged.

  A frame begins with its length and nothing marks where one begins, so after a
  damaged length the next frame cannot be found.
  """
  file = cast(BinaryIO, io.BufferedReader(_Raw(stream), 1 << 20))
  try:
    yield from records.read_records(file, path, limit)
  except (records.CorruptRecordError, DamagedFileError) as e:
    yield str(e)


class _Raw(io.RawIOBase):
  """Adapts a stream to Python's buffered reader."""

  def __init__(self, stream: Stream):
    super().__init__()
    self._stream = stream
    self._unread = b''

  def readable(self) -> bool:
    return True

  def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
    # "At least one byte" comes as what one step of the decompressor gives.
    data = self._unread or self._stream.read_decompressed(1)
    count = min(len(buffer), len(data))
    buffer[:count] = data[:count]
    self._unread = data[count:]
    return count
