"""Text with columns: tab-separated, comma-separated, chain-of-thought files."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
import csv

from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.sources.lines import read_lines
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import Collector, columns_of
from ul2_flan.tasks.catalog import Source, Task

_LINES = SourceOptions()
_COT = ['question', 'answer', 'chain_of_thought']


class _Lines:
  """A file's lines as text, with how far it has been read.

  Bytes that are not UTF-8 become half surrogates, which no record may have.

  Attributes:
    done: the file's own bytes that have been read.
    damage: what is wrong with the file, once all before it has been read.
  """

  def __init__(self, piece: Piece):
    self._piece = piece
    self.done = 0
    self.damage = ''

  def __iter__(self) -> Iterator[str]:
    for lines in read_lines(self._piece, _LINES):
      self.done = lines.source_bytes
      self.damage = lines.damage
      for place, line in zip(
        lines.places(), lines.lines, strict=bool(lines.lines)
      ):
        if not place:
          line = line.removeprefix(codecs.BOM_UTF8)
        yield line.decode(errors='surrogateescape')


def read_tsv(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Lines with tabs between their cells and no quoting, as GLUE has them.

  The first line names the columns; where the source's fields name them by
  number, there is no such line. A place is a row's number.
  """
  lines = _Lines(piece)
  rows = (line.rstrip('\r').split('\t') for line in lines if line.strip())
  yield from _read(piece, source, options, lines, rows, _header(source))


def read_cot(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  r"""Question, answer and chain of thought, with newlines written as `\n`."""
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
  """Comma-separated values, quoted where needed; else as `read_tsv`."""
  lines = _Lines(piece)
  rows = _csv_rows(line + '\n' for line in lines)
  yield from _read(piece, source, options, lines, rows, _header(source))


def _csv_rows(lines: Iterator[str]) -> Iterator[list[str] | str]:
  """Rows of cells; of one that is none, what is wrong."""
  reader = csv.reader(lines)
  while True:
    try:
      row = next(reader)
    except StopIteration:
      return
    except csv.Error as e:
      # A quote that is never closed swallows what follows, up to a limit.
      yield str(e)
    else:
      if row:
        yield row


def _header(source: Source) -> list[str] | None:
  """Names of columns, if the file has no line of them."""
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
  collector = Collector(piece, source)
  numbered = header is not None and header[0] == '0'
  for row in rows:
    if header is None:
      header = row if isinstance(row, list) else []
      continue
    if collector.next_row():
      at = collector.row
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
    collector.reject(collector.row + 1, 'damaged_file', lines.damage)
  yield collector.take(lines.done)
