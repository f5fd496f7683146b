"""Keeps the records that a work item rejects, each with place and reason."""

from collections.abc import Iterable
import dataclasses
import json

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.run.open_files import OpenFiles
from ul2_flan.pipelines.run.plan import WorkItem
from ul2_flan.pipelines.run.reports import SmallFile
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.storage import folders
from ul2_flan.pipelines.storage.whole_files import WholeFile


def where(output: str) -> str:
  """Tells a person where rejected records are; nothing if there are none.

  It names the folder relative to the output: a summary, and its checksum in the
  manifest, must not depend on where the output lies.
  """
  folder = paths.quarantine_folder(output)
  if not folders.inside(folder):
    return ''
  return (
    'records that could not be used are kept in the folder '
    f"'{paths.QUARANTINE_FOLDER}' of the output"
  )


class Quarantine(OpenFiles):
  """A file of JSON lines, which exists only if the item rejected something."""

  def __init__(self, output: str, item: WorkItem):
    super().__init__(output)
    self._path = paths.quarantine_path('', item.index)
    self._file: WholeFile | None = None

  @property
  def made(self) -> SmallFile | None:
    """What was written so far; None if nothing was rejected."""
    file = self._file
    return SmallFile(file.size, file.crc32c) if file else None

  def add(self, rejects: Iterable[Reject]) -> None:
    """Appends records."""
    for reject in rejects:
      fields = dataclasses.asdict(reject)
      # Escapes keep bytes that are not UTF-8, so that a person sees them all.
      fields['record'] = reject.record.decode(errors='backslashreplace')
      line = json.dumps(fields, ensure_ascii=False) + '\n'
      if self._file is None:
        self._file = self.open(self._path)
      # JSON escapes half of a surrogate pair in the same way.
      self._file.write(line.encode(errors='backslashreplace'))
