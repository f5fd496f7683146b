"""What the second step reads: the rows of a bin, out of all routed files."""

from __future__ import annotations

from collections.abc import Iterator
import functools

import pyarrow as pa

from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import Bins
from ul2_flan.pipelines.flan.released.routed_file import Blob, blobs_in
from ul2_flan.pipelines.run import Part, Plan, paths
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.ragged import UInt64s

# So many bytes of a work item's blobs are kept between its parts.
_KEPT_BYTES = 128 << 20


class RoutedFiles:
  """The routed files of a run."""

  def __init__(self, plan: Plan, bins: Bins, output: str):
    """Reads nothing yet.

    Args:
      plan: of the run, whose first step is done.
      bins: its bins.
      output: its folder.
    """
    self._parts = plan.parts(SUITE)
    self._bins = bins
    self._output = output
    self._item: tuple[int, list[tuple[Part, Blob]]] | None = None

  def keys(self, number: int) -> Iterator[UInt64s]:
    """Yields the keys of a bin, file by file and segment by segment."""
    for _, blob in self._blobs(number):
      if len(keys := blob.keys(number)):
        yield keys

  def rows(self, number: int) -> Iterator[tuple[Part, pa.RecordBatch]]:
    """Yields the rows of a bin in the same order, with who routed them."""
    for part, blob in self._blobs(number):
      if (batch := blob.rows(number)) is not None:
        yield part, batch

  def _blobs(self, number: int) -> Iterator[tuple[Part, Blob]]:
    item = int(self._bins.item_of[number])
    if self._item and self._item[0] == item:
      yield from self._item[1]
      return
    places = [
      (part, start, stop)
      for part in self._parts
      for start, stop in self._places(part, item)
    ]
    if sum(stop - start for _, start, stop in places) > _KEPT_BYTES:
      for part, start, _ in places:
        yield part, Blob(functools.partial(self._read, part, start))
      return
    kept = []
    for part, start, stop in places:
      data = self._read(part, start, 0, stop - start)
      kept.append((part, Blob(functools.partial(_slice, data))))
    self._item = item, kept
    yield from kept

  def _places(self, part: Part, item: int) -> list[tuple[int, int]]:
    with files.open_read(self._path(part)) as file:
      return blobs_in(file).get(item, [])

  def _read(self, part: Part, first: int, start: int, stop: int) -> bytes:
    with files.open_read(self._path(part)) as file:
      file.seek(first + start)
      return file.read(stop - start)

  def _path(self, part: Part) -> str:
    return files.join(self._output, paths.scratch_path(part.group, part.index))


def _slice(data: bytes, start: int, stop: int) -> bytes:
  return data[start:stop]
