"""Collects a reader's rows into blocks: picks columns, makes keys, counts."""

from collections.abc import Iterable, Mapping, Sequence
import re
import sys
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources.row_block import RowBlock
from ul2_flan.tasks import records
from ul2_flan.tasks.catalog import Columns, Source
from ul2_flan.tasks.seeding import content_key

# The fields of P3's rows beside token ids. All rows have the first two; those
# of multiple choice have the others as well.
P3_TEXTS = ('inputs_pretokenized', 'targets_pretokenized')
P3_MORE = ('answer_choices', 'is_correct')


class RowCollector:
  """Makes blocks of the rows that a reader meets.

  A reader calls `next_row` for every row of its file, in order, and then `add`,
  `put` or `reject` if the row is wanted. Rows are numbered over good and bad
  ones alike, so a bad row moves no other into or out of a slice.
  """

  def __init__(self, piece: Piece, source: Source):
    self._path = piece.path
    self._first, self._stop = piece.rows or (0, sys.maxsize)
    self._columns = columns_of(source)
    self._optional = optional_columns(source)
    self._is_p3 = source.kind == 'p3'
    self._number = -1
    self._block = RowBlock(self._path)
    self._keys: list[int] = []

  @property
  def number(self) -> int:
    """The number of the row that is being read, from 0; -1 before the first."""
    return self._number

  @property
  def done(self) -> bool:
    """Whether the reader has met a row after its slice.

    Reaching the slice's last row is not enough: only the read of a row behind
    it shows whether the file's end is damaged.
    """
    return self._number >= self._stop

  def __len__(self) -> int:
    """Rows since the last block, good and bad."""
    return len(self._keys) + len(self._block.rejects)

  def next_row(self) -> bool:
    """Counts a row; returns whether it is in the slice."""
    self._number += 1
    return self._first <= self._number < self._stop

  def skip(self, rows: int) -> None:
    """Counts rows that are not read."""
    self._number += rows

  def overlaps(self, rows: int) -> bool:
    """Whether any of the next so many rows is in the slice."""
    first, last = self._number + 1, self._number + rows
    return last >= self._first and first < self._stop

  def add(self, place: int, row: object, raw: bytes = b'') -> None:
    """Adds the columns of a row that the source maps, or rejects the row.

    The key is made of these columns alone, so it stays the same whatever else a
    file has.

    Args:
      place: of the row, as in `RowBlock`.
      row: what was decoded; a row is a dict.
      raw: its bytes, for a reject.
    """
    if not isinstance(row, dict):
      detail = f'a {type(row).__name__}, not an object'
      self.reject(place, 'wrong_type', detail, raw)
      return
    mapped = row
    if self._columns:
      try:
        mapped = {name: row[name] for name in self._columns}
      except KeyError as e:
        has = ', '.join(map(str, list(row)[:20])) or 'no field'
        detail = f'no {e.args[0]!r}; the record has {has}'
        self.reject(place, 'missing_field', detail, raw)
        return
    if self._is_p3:
      mapped = {name: _without_list(value) for name, value in mapped.items()}
    more = {n: row[n] for n in self._optional if row.get(n) is not None}
    self.put(place, {**mapped, **more} if more else mapped, mapped, raw)

  def put(
    self, place: int, row: dict[str, Any], identity: Any, raw: bytes = b''
  ) -> None:
    """Adds a row as it is.

    Args:
      place: of the row, as in `RowBlock`.
      row: its fields.
      identity: what the key is made of: anything that JSON can hold.
      raw: its bytes, for a reject.
    """
    try:
      identity_json = orjson.dumps(identity, _to_json, orjson.OPT_SORT_KEYS)
    except TypeError as e:
      # Half a surrogate pair, which no encoding can write.
      self.reject(place, 'invalid_utf8', str(e), raw)
      return
    self._block.rows.append(row)
    self._block.places.append(place)
    self._keys.append(content_key(identity_json))

  def reject(
    self, place: int, reason: str, detail: str, raw: bytes = b''
  ) -> None:
    """Notes a bad row, or a damaged file; the arguments are `Reject`'s."""
    self._block.rejects.append(
      Reject.of(self._path, place, reason, detail, raw)
    )

  def reject_long(self, size: int) -> None:
    """Notes the row that is being read as too long, which it has not read."""
    detail = f'{size} bytes, over {records.MAX_RECORD_BYTES}'
    self.reject(self._number, 'too_long_record', detail)

  def take(self, source_bytes: int) -> RowBlock:
    """Returns the rows since the last block as one, and begins the next.

    Args:
      source_bytes: see `RowBlock`.
    """
    block = self._block
    block.keys = np.array(self._keys, np.uint64)
    block.source_bytes = source_bytes
    self._block, self._keys = RowBlock(self._path), []
    return block


def columns_of(source: Source) -> tuple[str, ...]:
  """Returns the columns that a source maps, sorted; none means all.

  A field of the source is a column, a path into one, or a text with such paths
  in braces; the column is the first name of the path.

  >>> columns_of(
  ...   Source(
  ...     kind='export', locator='x', fields={'a': 'b.c', 'd': '{e} {f.0}'}
  ...   )
  ... )
  ('b', 'e', 'f')
  """
  return P3_TEXTS if source.kind == 'p3' else _columns(source.fields)


def optional_columns(source: Source) -> tuple[str, ...]:
  """Returns the columns that only some rows have; no key is made of them."""
  return P3_MORE if source.kind == 'p3' else _columns(source.more)


def _columns(fields: Mapping[str, Columns]) -> tuple[str, ...]:
  """Returns the first names of the paths of fields, sorted."""
  paths: list[str] = []
  for columns in fields.values():
    for column in [columns] if isinstance(columns, str) else columns:
      paths += re.findall(r'\{([^}]*)\}', column) if '{' in column else [column]
  return tuple(sorted({path.split('.')[0] for path in paths}))


def explode(row: Any, path: Sequence[str]) -> Iterable[Any]:
  """Makes a row for each item of the lists along a path.

  Each has one item where the row given has the list. `*` stands for all values
  of a dict, of which each takes the row's place.

  >>> list(explode({'a': 1, 'b': [{'c': [2, 3]}, {'c': []}]}, ['b', 'c']))
  [{'a': 1, 'b': {'c': 2}}, {'a': 1, 'b': {'c': 3}}]
  >>> list(explode({'id1': {'a': [1]}, 'id2': {'a': [2]}}, ['*', 'a']))
  [{'a': 1}, {'a': 2}]

  Raises:
    KeyError, TypeError, AttributeError: the row has no such path.
  """
  if not path:
    yield row
  elif path[0] == '*':
    for value in row.values():
      yield from explode(value, path[1:])
  else:
    below = row[path[0]]
    for item in below if isinstance(below, list) else [below]:
      for part in explode(item, path[1:]):
        yield {**row, path[0]: part}


def _without_list(value: Any) -> Any:
  """Returns the item of a list of one, and None for an empty list.

  P3's files have a text, or a list of texts where a row has several targets.
  TFRecord has lists alone. The row's key must not depend on it.
  """
  if isinstance(value, list) and len(value) < 2:
    return value[0] if value else None
  return value


def _to_json(value: Any) -> Any:
  """Converts what Parquet has and JSON lacks, such as bytes and dates."""
  return (
    value.decode(errors='replace') if isinstance(value, bytes) else str(value)
  )
