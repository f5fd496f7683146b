"""Reads text with columns: tab- and comma-separated, and chain of thought."""

from collections.abc import Iterator
import csv

from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.lines import read_lines
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.row_collector import (
  RowCollector,
  columns_of,
)
from ul2_flan.tasks.catalog import Source, Task

# For its size of blocks and its limit of a line.
_LINES = SourceOptions()

# The columns of the collection's chain-of-thought files, which have no header.
_COT = ['question', 'answer', 'chain_of_thought']


class _Lines:
  """Iterates over a file's lines as text, and tells how far it has come.

  Bytes that are not UTF-8 become half surrogate pairs, for which the collector
  rejects their row.

  Attributes:
    done: how much of the file has been read, in bytes as stored.
    damage: why the rest of the file cannot be read, once all before it has
      been; '' if all is well.
  """

  def __init__(self, piece: Piece):
    self._piece = piece
    self.done = 0
    self.damage = ''

  def __iter__(self) -> Iterator[str]:
    for lines in read_lines(self._piece, _LINES):
      self.done = lines.source_bytes
      self.damage = lines.damage
      for _, line in lines.with_places():
        yield line.decode(errors='surrogateescape')


def read_tsv(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads cells with tabs between them and no quoting, as GLUE has them.

  The first line names the columns, unless the source's fields name them by
  number: then the file has no such line. A place is a row's number.

  Rejects:
    wrong_columns: a row with more or fewer cells than columns.
    missing_field, invalid_utf8: a row without a column that the source maps.
    damaged_file: the rest of a compressed file cannot be decompressed.
  """
  lines = _Lines(piece)
  rows = (line.rstrip('\r').split('\t') for line in lines if line.strip())
  yield from _read(piece, source, options, lines, rows, _header(source))


def read_cot(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  r"""Reads question, answer and chain of thought; rejects as `read_tsv` does.

  The files write `\n` for a newline within a cell.
  """
  lines = _Lines(piece)
  rows = (
    line.rstrip('\r').replace('\\n', '\n').split('\t')
    for line in lines
    if line.strip()
  )
  yield from _read(piece, source, options, lines, rows, _COT)


def read_csv(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads comma-separated values, quoted where needed; else as `read_tsv`.

  Rejects:
    not_csv: a quote that is never closed. And those of `read_tsv`.
  """
  lines = _Lines(piece)
  rows = _csv_rows(line + '\n' for line in lines)
  yield from _read(piece, source, options, lines, rows, _header(source))


def _csv_rows(lines: Iterator[str]) -> Iterator[list[str] | str]:
  """Yields the cells of each row, or a message for what is no row."""
  reader = csv.reader(lines)
  while True:
    try:
      row = next(reader)
    except StopIteration:
      return
    except csv.Error as e:
      # A quote that is never closed swallows the lines behind it, until the
      # csv module's limit of a field (128 kB) ends it with this error.
      yield str(e)
    else:
      if row:
        yield row


def _header(source: Source) -> list[str] | None:
  """Returns the names of columns if the file has no line of them, or None.

  Fields such as '0' and '2' tell that: columns are called by their numbers.
  """
  columns = columns_of(source)
  if not columns or not all(name.isdigit() for name in columns):
    return None
  return [str(i) for i in range(max(map(int, columns)) + 1)]


def _read(
  piece: Piece,
  source: Source,
  options: ReadOptions,
  lines: _Lines,
  rows: Iterator[list[str] | str],
  header: list[str] | None,
) -> Iterator[RowBlock]:
  """Collects rows of cells.

  Args:
    lines: what the rows are made of; tells progress and damage.
    rows: cells, or a message for what is no row.
    header: names of the columns; None to take the first row.
  """
  collector = RowCollector(piece, source)
  # Columns known by number end at the last one that is needed: more may follow.
  numbered = header is not None and header[0] == '0'
  for row in rows:
    if header is None:
      header = row if isinstance(row, list) else []
      continue
    if collector.next_row():
      at = collector.number
      if isinstance(row, str):
        collector.reject(at, 'not_csv', row)
      elif len(row) != len(header) and not (
        numbered and len(row) > len(header)
      ):
        detail = f'{len(row)} cells, not {len(header)}'
        raw = '\t'.join(row).encode(errors='surrogateescape')
        collector.reject(at, 'wrong_columns', detail, raw)
      else:
        collector.add(at, dict(zip(header, row, strict=False)))
    if len(collector) >= options.block_rows:
      yield collector.take(lines.done)
    if collector.done:
      break
  if lines.damage:
    collector.reject(collector.number + 1, DAMAGED_FILE, lines.damage)
  yield collector.take(lines.done)


# By the kinds of piece that have a line of names.
READERS = {'csv': read_csv, 'tsv': read_tsv}
