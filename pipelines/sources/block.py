"""What readers take (a piece of a file) and what they give (documents)."""

from __future__ import annotations

import dataclasses
from typing import Any

# Bytes read (after decompression) for one block of documents: large enough that
# a block's fixed costs vanish, small enough that its arrays stay in the cache.
BLOCK_BYTES = 4 << 20

# The reason of a reject for all that follows in a file, or in a row group: it
# cannot be decoded, or is not there. Runs have a budget for such files.
DAMAGED_FILE = 'damaged_file'

# So many bytes of a rejected record show what is wrong with it; its place tells
# where to find the rest.
SHOWN_BYTES = 1 << 16


@dataclasses.dataclass(frozen=True, slots=True)
class SourceOptions:
  """How a user wants the sources to be read.

  Attributes:
    format: a name of `READERS`, or 'auto' to choose by the file's name.
    text_field: the field that holds the text.
    id_field: the field that identifies a document; '' to identify it by its
      text.
    max_document_bytes: a longer record is rejected without being parsed.
    block_bytes: see `BLOCK_BYTES`; no result depends on it.
  """

  format: str = 'auto'
  text_field: str = 'text'
  id_field: str = ''
  max_document_bytes: int = 256 << 20
  block_bytes: int = BLOCK_BYTES

  def as_written(self) -> dict[str, Any]:
    """Returns what a plan keeps, as JSON: all that a result depends on."""
    options = dataclasses.asdict(self)
    del options['block_bytes']
    return options


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
  """A part of a source that one work item reads.

  Attributes:
    path: the file.
    kind: a name of `READERS`, of this package or of `task_sources.formats`.
    start: for a plain file of lines, a byte: the piece has the lines that begin
      in [start, stop). For a Parquet file, the number of its first row group.
      For all others 0: the piece is the whole file.
    stop: the end of that range, exclusive; for all others the file's size.
    size: how many of the file's bytes the piece stands for.
    rows: which rows of the file the piece has, as a range of their numbers;
      None for all. Only slices of a task's split, such as `train[:-200]`, have
      a range.
    split: the split of a task that the piece belongs to; '' for text.
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
  """A record that could not be used.

  Attributes:
    source: path of its file.
    place: where it stands there: a byte offset (after decompression), or the
      number of a row or record, from 0.
    reason: a code to count by, such as 'not_json'.
    detail: what exactly was wrong.
    record: the record's bytes, at most the first `SHOWN_BYTES`.
  """

  source: str
  place: int
  reason: str
  detail: str
  record: bytes

  @classmethod
  def of(
    cls, source: str, place: int, reason: str, detail: str, record: bytes
  ) -> Reject:
    """Makes a reject, which keeps the record's head alone."""
    return cls(source, place, reason, detail, record[:SHOWN_BYTES])

  @property
  def where(self) -> str:
    """Says where in its file it is, and what is wrong."""
    return f'at {self.place:,}: {self.detail.removeprefix(f"{self.source}: ")}'


@dataclasses.dataclass(slots=True)
class DocumentBlock:
  """Documents read together.

  Attributes:
    source: path of the file.
    texts: the documents' texts.
    ids: their identities; None if documents are identified by their texts.
    places: where each document stands in the file, as in `Reject`.
    rejects: records of the same stretch of the file that are no documents.
    source_bytes: how far the reader has come in its piece, in bytes as stored.
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
    """Notes a record that is no document; the arguments are `Reject`'s."""
    self.rejects.append(Reject.of(self.source, place, reason, detail, record))

  def add(
    self, place: int, fields: object, record: bytes, options: SourceOptions
  ) -> None:
    """Adds the document that a record's fields hold, or rejects the record.

    Args:
      place: of the record, as in `Reject`.
      fields: the decoded record; a document is a dict with a text.
      record: its bytes, for a reject.
      options: which fields hold the text and the identity.
    """
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
      # To Python a bool is an int, but true and false identify nothing.
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
    """Rejects a record whose field is absent, null or of another type."""
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
  """Names a value's type in JSON's words."""
  names: dict[type, str] = {dict: 'object', str: 'string', bytes: 'byte string'}
  return names.get(type(value), type(value).__name__)
