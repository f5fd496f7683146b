"""The first step: routes the rows of a stretch of a dump to their bins."""

from collections.abc import Iterator, Sequence

import numpy as np

from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import Bins
from ul2_flan.pipelines.flan.released.routed_file import (
  RoutedFileWriter,
  RoutedRows,
)
from ul2_flan.pipelines.run import Counts, Part, Progress, Result
from ul2_flan.pipelines.run.contract import Scratch
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.task_sources.released import Rows, read
from ul2_flan.tasks.seeding import content_key

# Characters of a segment. What a worker holds depends on it, and no result.
SEGMENT_CHARS = 16 << 20


def route(
  part: Part, bins: Bins, counts: Counts, segment_chars: int = SEGMENT_CHARS
) -> Iterator[Result]:
  """Reads a part of the dump, and yields the bytes of its file of rows.

  Rows of data sets that the run does not make are dropped and counted; all
  other counts are those of their tasks.
  """
  writer = RoutedFileWriter(bins.item_of)
  sources = sources_of(part)
  segment = _Segment()
  for rows in read(part.pieces):
    rejects = list(rows.rejects)
    dropped = segment.add(rows, sources.index(rows.source), bins, rejects)
    counts.add(f'{SUITE}/read', dropped + len(rejects))
    counts.add(f'{SUITE}/dropped/not_wanted', dropped)
    for reject in rejects:
      counts.add(f'{SUITE}/rejected/{reject.reason}')
    if rejects:
      yield rejects
    if segment.chars >= segment_chars:
      yield from segment.written(writer)
    yield Progress(rows.source_bytes)
  yield from segment.written(writer)
  yield Scratch(writer.end())


def sources_of(part: Part) -> Sequence[str]:
  """Returns the paths of a part's files, as rows count them."""
  return list(dict.fromkeys(piece.path for piece in part.pieces))


class _Segment:
  """Rows that wait to be written.

  Attributes:
    chars: of their texts.
  """

  def __init__(self) -> None:
    self.chars = 0
    self._bins: list[int] = []
    self._keys: list[int] = []
    self._inputs: list[str] = []
    self._targets: list[str] = []
    self._source: list[int] = []
    self._place: list[int] = []

  def add(
    self, rows: Rows, source: int, bins: Bins, rejects: list[Reject]
  ) -> int:
    """Adds rows; returns how many are of no data set of the run.

    Args:
      rows: the rows.
      source: number of their file.
      bins: the plan's.
      rejects: gets a reject for each row that is not Unicode.
    """
    known, dropped = bins.of_data_set, 0
    for inputs, targets, data_set, place in zip(
      rows.inputs, rows.targets, rows.data_sets, rows.places, strict=True
    ):
      its_bins = known.get(data_set)
      if its_bins is None:
        dropped += 1
        continue
      text = f'{inputs}\0{targets}'
      try:
        key = content_key(text.encode())
      except UnicodeEncodeError as e:
        record = text.encode(errors='backslashreplace')
        rejects.append(
          Reject.of(rows.source, place, 'invalid_utf8', str(e), record)
        )
        continue
      self.chars += len(text)
      self._bins.append(its_bins[key % len(its_bins)])
      self._keys.append(key)
      self._inputs.append(inputs)
      self._targets.append(targets)
      self._source.append(source)
      self._place.append(place)
    return dropped

  def written(self, writer: RoutedFileWriter) -> Iterator[Scratch]:
    """Yields the bytes of a segment, and begins the next."""
    if self._keys:
      rows = RoutedRows(
        np.array(self._keys, np.uint64),
        self._inputs,
        self._targets,
        np.array(self._source, np.int64),
        np.array(self._place, np.int64),
      )
      for data in writer.segment(np.array(self._bins, np.int64), rows):
        yield Scratch(data)
    self.__init__()  # type: ignore[misc]
