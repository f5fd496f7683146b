"""What readers take and give."""

from __future__ import annotations

import dataclasses

# Bytes read (after decompression) for one block of documents: large enough that
# a block's fixed costs vanish, small enough that its arrays stay in the cache.
BLOCK_BYTES = 4 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class SourceOptions:
  """What a user says of the sources.

  Attributes:
    format: a name of `READERS`, or 'auto' for the one that the file's name
      suggests.
    text_field: the field that holds the text.
    id_field: the field that identifies a document, or ''; without one its text
      does.
    max_document_bytes: a longer record is rejected, unread.
    block_bytes: see `BLOCK_BYTES`; no result depends on it.
  """

  format: str = 'auto'
  text_field: str = 'text'
  id_field: str = ''
  max_document_bytes: int = 256 << 20
  block_bytes: int = BLOCK_BYTES


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
  """A part of a source that one work item reads.

  Attributes:
    path: of the file.
    kind: a name of `READERS`.
    start: of a plain file of lines, the first byte: the piece has the lines
      that begin in [start, stop). Of a Parquet file, the first row group.
    stop: the end of that range; of any other file its size in bytes, with a
      start of 0: the piece is the file.
    size: bytes of the file that the piece stands for.
    rows: of a slice of a task's split, which rows of the file it has, as a
      range of their numbers; None for all. Sources of text have no slices.
    split: of a task's data set, which split it belongs to.
  """

  path: str
  kind: str
  start: int
  stop: int
  size: int
  rows: tuple[int, int] | None = None
  split: str = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Reject:
  """A record that could not be read.

  Attributes:
    source: path of its file.
    place: where in it: byte offset (after decompression), row or record number.
    reason: a code, such as 'not_json'.
    detail: what exactly was wrong.
    record: the record's bytes, cut to a length that can be looked at.
  """

  source: str
  place: int
  reason: str
  detail: str
  record: bytes


@dataclasses.dataclass(slots=True)
class DocumentBlock:
  """Documents read together.

  Attributes:
    source: path of the file.
    texts: the documents' texts.
    ids: their identities, or None where their texts are.
    places: where each stands in the file, as in `Reject`.
    rejects: records of the same stretch that are no documents.
    source_bytes: how far the reader has come in its piece, in the file's bytes.
  """

  source: str
  texts: list[str] = dataclasses.field(default_factory=list)
  ids: list[str] | None = None
  places: list[int] = dataclasses.field(default_factory=list)
  rejects: list[Reject] = dataclasses.field(default_factory=list)
  source_bytes: int = 0

  def reject(
    self, place: int, reason: str, detail: str, record: bytes = b''
  ) -> None:
    """Notes a record that is no document."""
    # 64 kB show what is wrong; the place tells where to find the rest.
    self.rejects.append(
      Reject(self.source, place, reason, detail, record[: 1 << 16])
    )

  def add(
    self, place: int, fields: object, record: bytes, options: SourceOptions
  ) -> None:
    """Adds the document that a record's fields hold, or rejects the record."""
    if not isinstance(fields, dict):
      self.reject(
        place, 'wrong_type', f'a {_kind(fields)}, not an object', record
      )
      return
    text = fields.get(options.text_field)
    if not isinstance(text, str):
      self._reject_field(place, options.text_field, fields, record)
      return
    if options.id_field:
      identity = fields.get(options.id_field)
      if not isinstance(identity, str | int) or isinstance(identity, bool):
        self._reject_field(place, options.id_field, fields, record)
        return
      self.ids = self.ids or []
      self.ids.append(str(identity))
    self.texts.append(text)
    self.places.append(place)

  def _reject_field(
    self, place: int, name: str, fields: dict[str, object], record: bytes
  ) -> None:
    value = fields.get(name)
    if name in fields and value is None:
      self.reject(place, 'missing_field', f"'{name}' is null", record)
    elif value is None:
      has = ', '.join(map(str, list(fields)[:20])) or 'no field'
      self.reject(
        place, 'missing_field', f"no '{name}'; the record has {has}", record
      )
    else:
      self.reject(place, 'wrong_type', f"'{name}' is a {_kind(value)}", record)


def _kind(value: object) -> str:
  names: dict[type, str] = {
    dict: 'object',
    list: 'list',
    str: 'string',
    bytes: 'byte string',
  }
  return names.get(type(value), type(value).__name__)
