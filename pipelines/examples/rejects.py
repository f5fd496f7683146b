"""Reads what a run did not use, and why."""

from collections.abc import Iterator
import dataclasses
import json

from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files, folders

# Files are read up to here, and so many of them: enough to show each reason.
_FILES = 20
_FILE_BYTES = 4 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Rejected:
  """A record that could not be used.

  Attributes:
    reason: a code.
    detail: what exactly was wrong.
    source: the path of its file.
    place: where it stands there.
    record: how it begins.
  """

  reason: str
  detail: str
  source: str
  place: str
  record: str


def read(run: Run, most_files: int = _FILES) -> Iterator[Rejected]:
  """Yields records of the quarantine.

  Args:
    run: the run.
    most_files: how many of its files are read, taken evenly.
  """
  found = folders.inside(paths.quarantine_folder(run.output))
  step = max(1, len(found) // most_files)
  for path, _ in found[::step][:most_files]:
    with files.open_read(path) as file:
      lines = file.read(_FILE_BYTES).splitlines(keepends=True)
    for line in lines:
      if line.endswith(b'\n'):
        yield _parsed(line)


def _parsed(line: bytes) -> Rejected:
  try:
    fields = json.loads(line)
    known = {field.name for field in dataclasses.fields(Rejected)}
    return Rejected(**{k: str(v) for k, v in fields.items() if k in known})
  except (AttributeError, TypeError, ValueError):
    return Rejected('not readable', '', '', '', line.decode(errors='replace'))
