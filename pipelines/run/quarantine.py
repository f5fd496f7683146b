"""Keeps what a work item could not read, with its place and a reason."""

from __future__ import annotations

from collections.abc import Iterable
import dataclasses
import json
from types import TracebackType

from ul2_flan.pipelines.run.plan import PROGRESS_FOLDER, WorkItem
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.storage import files

FOLDER = 'quarantine'


def path_of(output: str, item: WorkItem) -> str:
  """Where the records that an item rejects are kept."""
  return files.join(output, FOLDER, f'item-{item.index:06d}.jsonl')


def where(output: str) -> str:
  """What a person is told of it; nothing if a run has kept nothing."""
  folder = files.join(output, FOLDER)
  if not files.match(files.join(folder, '*')):
    return ''
  return f'records that could not be used are kept in {folder}'


class Quarantine:
  """A file of JSON lines, there only if something was rejected."""

  def __init__(self, output: str, item: WorkItem):
    self._path = path_of(output, item)
    self._scratch = files.join(output, PROGRESS_FOLDER)
    self._file: files.WholeFile | None = None

  def add(self, rejects: Iterable[Reject]) -> None:
    """Appends records."""
    for reject in rejects:
      fields = dataclasses.asdict(reject)
      # Bytes that are not UTF-8 are kept as escapes, so that none is lost.
      fields['record'] = reject.record.decode(errors='backslashreplace')
      line = json.dumps(fields, ensure_ascii=False) + '\n'
      if self._file is None:
        self._file = files.WholeFile(self._path, self._scratch)
      self._file.write(line.encode())

  def commit(self) -> None:
    """Gives the file its name."""
    if self._file is not None:
      self._file.commit()
      self._file = None

  def __enter__(self) -> Quarantine:
    return self

  def __exit__(
    self,
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
  ) -> None:
    if self._file is not None:
      self._file.discard()
