"""Reads the rows of frozen dumps: texts, and the data set of each row."""

from collections.abc import Callable, Iterator, Sequence
import dataclasses
from typing import Any

import orjson
import pyarrow as pa

from ul2_flan.pipelines.sources import Piece, Reject, SourceOptions
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.decompress import DamagedFileError
from ul2_flan.pipelines.sources.jsonl import loads, why_not_json
from ul2_flan.pipelines.sources.lines import Lines, read_lines
from ul2_flan.pipelines.sources.parquet import ParquetFile
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.readers.parquet import rows_in
from ul2_flan.pipelines.task_sources.released.layouts import Layout, layout_of

# The kind of the pieces that are further chunks of the piece before them.
CHUNK = 'chunk'

_BATCH_ROWS = 1024


@dataclasses.dataclass(slots=True)
class Rows:
  """Rows of a dump, read together.

  Attributes:
    source: path of the file; of one in chunks the first's.
    inputs: of each row.
    targets: of each row.
    data_sets: `<suite>:<task>:<setting>` of each row.
    places: as in `RowBlock`.
    rejects: rows of the same stretch that cannot be used.
    source_bytes: how far the reader has come, in bytes as stored.
  """

  source: str
  inputs: list[str] = dataclasses.field(default_factory=list)
  targets: list[str] = dataclasses.field(default_factory=list)
  data_sets: list[str] = dataclasses.field(default_factory=list)
  places: list[int] = dataclasses.field(default_factory=list)
  rejects: list[Reject] = dataclasses.field(default_factory=list)
  source_bytes: int = 0

  def reject(
    self, place: int, reason: str, detail: str, record: bytes = b''
  ) -> None:
    """Notes a row that cannot be used; the arguments are `Reject`'s."""
    self.rejects.append(Reject.of(self.source, place, reason, detail, record))


def read(
  pieces: Sequence[Piece], options: SourceOptions | None = None
) -> Iterator[Rows]:
  """Reads pieces of files, in order.

  Args:
    pieces: of kind 'jsonl' or 'parquet'; those of kind `CHUNK` continue the one
      before them.
    options: of lines; by default the usual ones.

  Rejects:
    unknown_task: a name that is no task's, or no setting.
    the others: see `readers.jsonl` and `readers.parquet`.
  """
  starts = [i for i, piece in enumerate(pieces) if piece.kind != CHUNK]
  for start, stop in zip(starts, [*starts[1:], len(pieces)], strict=True):
    piece, *chunks = pieces[start:stop]
    before = sum(p.size for p in pieces[:start])
    if piece.kind == 'parquet':
      blocks = _read_parquet(piece)
    else:
      paths = [chunk.path for chunk in chunks]
      blocks = _read_lines(piece, paths, options or SourceOptions())
    for rows in blocks:
      rows.source_bytes += before
      yield rows


def _read_lines(
  piece: Piece, chunks: Sequence[str], options: SourceOptions
) -> Iterator[Rows]:
  file = _File(piece.path)
  for lines in read_lines(piece, options, chunks):
    rows = Rows(piece.path, source_bytes=lines.source_bytes)
    if lines.damage:
      rows.reject(lines.offset, DAMAGED_FILE, lines.damage)
    elif lines.too_long:
      detail = f'over {options.max_document_bytes} bytes without a newline'
      rows.reject(lines.offset, 'too_long_record', detail)
    else:
      for place, line in lines.with_places():
        if line:
          _add_line(file, rows, place, line, lines)
    yield rows


def _add_line(
  file: '_File', rows: Rows, place: int, line: bytes, lines: Lines
) -> None:
  try:
    row = orjson.loads(line)
  except orjson.JSONDecodeError:
    if not line.strip():
      return
    try:
      row = loads(line)
    except orjson.JSONDecodeError as e:
      rows.reject(place, *why_not_json(line, e, lines.is_open), line)
      return
  file.add(rows, place, row, lambda: line)


def _read_parquet(piece: Piece) -> Iterator[Rows]:
  with files.open_read(piece.path) as raw:
    try:
      parquet = ParquetFile(raw)
    except DamagedFileError as e:
      rows = Rows(piece.path, source_bytes=piece.size)
      rows.reject(0, DAMAGED_FILE, str(e))
      yield rows
      return
    layout = layout_of(piece.path, parquet.schema.names)
    counts, file = parquet.counts, _File(piece.path)
    first = place = sum(counts[: piece.start])
    total = sum(counts[piece.start : piece.stop])
    for i in range(len(counts))[piece.start : piece.stop]:
      end = place + counts[i]
      columns = layout.columns if layout else None
      try:
        for batch in parquet.batches(i, _BATCH_ROWS, columns):
          rows = Rows(piece.path)
          with parquet.damage():
            _add_batch(file, rows, place, batch)
          place += batch.num_rows
          rows.source_bytes = piece.size * (place - first) // total
          yield rows
      except DamagedFileError as e:
        rows = Rows(piece.path)
        lost = f'{end - place} rows of row group {i} cannot be read: {e}'
        rows.reject(place, DAMAGED_FILE, lost)
        yield rows
        place = end


def _add_batch(
  file: '_File', rows: Rows, place: int, batch: pa.RecordBatch
) -> None:
  layout = layout_of(file.path, batch.schema.names)
  columns = layout and _columns(batch, layout)
  if layout and columns:
    for number, values in enumerate(columns, start=place):
      file.add_values(rows, number, layout, values, lambda v=values: _shown(v))  # type: ignore[misc]
    return
  for number, row in enumerate(rows_in(batch), start=place):
    if isinstance(row, str):
      rows.reject(number, 'invalid_utf8', row)
    else:
      file.add(rows, number, row, lambda row=row: _shown(row))  # type: ignore[misc]


def _columns(
  batch: pa.RecordBatch, layout: Layout
) -> Iterator[tuple[Any, ...]] | None:
  """Returns the values of each row, which is faster than a dict of each.

  None if some text is not UTF-8.
  """
  try:
    columns = [batch.column(name).to_pylist() for name in layout.columns]
  except UnicodeDecodeError:
    return None
  if not layout.setting:
    columns.append([''] * batch.num_rows)
  return zip(*columns, strict=True)


def _shown(row: object) -> bytes:
  return orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS)


class _File:
  """Adds rows of a file whose layout its first row tells."""

  def __init__(self, path: str):
    self.path = path
    self._layout: Layout | None = None
    # By the task and the setting of a row.
    self._data_sets: dict[tuple[str, str], str] = {}

  def add(
    self, rows: Rows, place: int, row: Any, shown: Callable[[], bytes]
  ) -> None:
    """Adds a row, or rejects it.

    Args:
      rows: what it is added to.
      place: of the row.
      row: what was decoded; a row is a dict.
      shown: returns its bytes, for a reject.
    """
    try:
      layout = self._layout or self._found(row)
      setting = row[layout.setting] if layout.setting else ''
      values = (
        row[layout.inputs],
        row[layout.targets],
        row[layout.task],
        setting,
      )
    except KeyError as e:
      has = ', '.join(map(str, list(row)[:20])) or 'no field'
      detail = f'no {e.args[0]!r}; the record has {has}'
      rows.reject(place, 'missing_field', detail, shown())
    except (AttributeError, TypeError) as e:
      detail = f'not an object of texts: {e}'
      rows.reject(place, 'wrong_type', detail, shown())
    else:
      self.add_values(rows, place, layout, values, shown)

  def add_values(
    self,
    rows: Rows,
    place: int,
    layout: Layout,
    values: Sequence[Any],
    shown: Callable[[], bytes],
  ) -> None:
    """Adds a row of inputs, targets, task and setting, or rejects it."""
    inputs, targets, task, setting = values
    try:
      data_set = self._data_sets.get((task, setting))
      if data_set is None:
        data_set = layout.data_set(task, setting)
        self._data_sets[task, setting] = data_set
      _ = inputs + targets  # all are texts
    except (AttributeError, TypeError) as e:
      detail = f'not an object of texts: {e}'
      rows.reject(place, 'wrong_type', detail, shown())
      return
    if not data_set:
      detail = f'{task} {setting} is no task and setting of the collection'
      rows.reject(place, 'unknown_task', detail.replace('  ', ' '), shown())
      return
    rows.inputs.append(inputs)
    rows.targets.append(targets)
    rows.data_sets.append(data_set)
    rows.places.append(place)

  def _found(self, row: Any) -> Layout:
    """Returns the layout that a row has, and keeps it.

    Raises:
      KeyError: the row is of no dump.
    """
    layout = layout_of(self.path, row)
    if layout is None:
      raise KeyError('inputs, targets and task_name or task')
    self._layout = layout
    return layout
