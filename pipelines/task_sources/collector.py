"""Collects a reader's records into blocks: slices, columns and keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import re
import sys
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources.block import RowBlock
from ul2_flan.tasks.catalog import Source
from ul2_flan.tasks.seeding import content_key

# As much of a bad record is kept as shows what is wrong with it.
_SHOWN = 1 << 16

# What P3's rows have beside token ids; the second where it applies.
P3_TEXTS = ('inputs_pretokenized', 'targets_pretokenized')
P3_MORE = ('answer_choices', 'is_correct')


class Collector:
  """Makes blocks of the rows that a reader meets.

  A reader calls `next_row` for every row of its file, in order, and `add`,
  `put` or `reject` for those that are wanted. Rows are numbered over good and
  bad ones alike, so that a bad row moves no other into or out of a slice.
  """

  def __init__(self, piece: Piece, source: Source):
    self._path = piece.path
    self._first, self._stop = piece.rows or (0, sys.maxsize)
    self._columns = columns_of(source)
    self._optional = optional_columns(source)
    self._row = -1
    self._block = RowBlock(self._path)
    self._keys: list[int] = []

  @property
  def row(self) -> int:
    """The number of the row that is being read."""
    return self._row

  @property
  def done(self) -> bool:
    """Whether a row after the slice has been met.

    Not earlier: what is wrong with a file's end is found behind its last row.
    """
    return self._row >= self._stop

  def __len__(self) -> int:
    """Rows since the last block, good and bad."""
    return len(self._keys) + len(self._block.rejects)

  def next_row(self) -> bool:
    """Counts a row; returns whether it is in the slice."""
    self._row += 1
    return self._first <= self._row < self._stop

  def skip(self, rows: int) -> None:
    """Counts rows that are not read."""
    self._row += rows

  def overlaps(self, rows: int) -> bool:
    """Whether the slice has any of the next so many rows."""
    return self._row + rows >= self._first and self._row + 1 < self._stop

  def add(self, place: int, record: object, raw: bytes = b'') -> None:
    """Adds what the source's fields need of a record, or rejects it.

    The key is of that alone, so it is the same whatever else a file has.
    """
    if not isinstance(record, dict):
      detail = f'a {type(record).__name__}, not an object'
      self.reject(place, 'wrong_type', detail, raw)
      return
    own = record
    if self._columns:
      try:
        own = {name: record[name] for name in self._columns}
      except KeyError as e:
        has = ', '.join(map(str, list(record)[:20])) or 'no field'
        detail = f'no {e.args[0]!r}; the record has {has}'
        self.reject(place, 'missing_field', detail, raw)
        return
    more = {n: record[n] for n in self._optional if record.get(n) is not None}
    self.put(place, {**own, **more} if more else own, own, raw)

  def put(
    self, place: int, record: dict[str, Any], identity: Any, raw: bytes = b''
  ) -> None:
    """Adds a record whose key is of `identity`, which JSON can hold."""
    try:
      own = orjson.dumps(identity, _json, orjson.OPT_SORT_KEYS)
    except TypeError as e:
      # Half a surrogate pair, which no encoding can write.
      self.reject(place, 'invalid_utf8', str(e), raw)
      return
    self._block.records.append(record)
    self._block.places.append(place)
    self._keys.append(content_key(own))

  def reject(
    self, place: int, reason: str, detail: str, raw: bytes = b''
  ) -> None:
    """Notes a row that is no record, or a damaged file."""
    self._block.rejects.append(
      Reject(self._path, place, reason, detail, raw[:_SHOWN])
    )

  def take(self, source_bytes: int) -> RowBlock:
    """The rows since the last block, as one; `source_bytes` as it has them."""
    block = self._block
    block.keys = np.array(self._keys, np.uint64)
    block.source_bytes = source_bytes
    self._block, self._keys = RowBlock(self._path), []
    return block


def columns_of(source: Source) -> tuple[str, ...]:
  """The columns that a source's records are made of; none: all.

  >>> columns_of(
  ...   Source(
  ...     kind='export', locator='x', fields={'a': 'b.c', 'd': '{e} {f.0}'}
  ...   )
  ... )
  ('b', 'e', 'f')
  """
  if source.kind == 'p3':
    return P3_TEXTS
  paths: list[str] = []
  for columns in source.fields.values():
    for column in [columns] if isinstance(columns, str) else columns:
      paths += re.findall(r'\{([^}]*)\}', column) if '{' in column else [column]
  return tuple(sorted({path.split('.')[0] for path in paths}))


def optional_columns(source: Source) -> tuple[str, ...]:
  """Columns that some records have, and that are no part of their keys."""
  return P3_MORE if source.kind == 'p3' else ()


def explode(record: Any, path: Sequence[str]) -> Iterable[Any]:
  """Records of which each has, for the lists along a path, one item of them.

  >>> list(explode({'a': 1, 'b': [{'c': [2, 3]}, {'c': []}]}, ['b', 'c']))
  [{'a': 1, 'b': {'c': 2}}, {'a': 1, 'b': {'c': 3}}]
  >>> list(explode({'id1': {'a': [1]}, 'id2': {'a': [2]}}, ['*', 'a']))
  [{'a': 1}, {'a': 2}]

  Raises:
    KeyError, TypeError: the record has no such path.
  """
  if not path:
    yield record
  elif path[0] == '*':
    for value in record.values():
      yield from explode(value, path[1:])
  else:
    below = record[path[0]]
    for item in below if isinstance(below, list) else [below]:
      for part in explode(item, path[1:]):
        yield {**record, path[0]: part}


def _json(value: Any) -> Any:
  """What Parquet has and JSON has not."""
  return (
    value.decode(errors='replace') if isinstance(value, bytes) else str(value)
  )
