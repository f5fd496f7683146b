"""Lists single files of tasks' data, with sizes and checksums."""

from collections.abc import Mapping
import dataclasses
import functools

from ul2_flan.tasks import shipped


@dataclasses.dataclass(frozen=True, slots=True)
class Download:
  """A file that has a task's data, or an archive of such files.

  Attributes:
    file: its URL, or its path in the task's repository.
    bytes: its size; 0 if nobody states it.
    sha256: its checksum; empty if nobody states it.
  """

  file: str
  bytes: int = 0
  sha256: str = ''


def downloads_of(task: str) -> tuple[Download, ...]:
  """Returns the files that are known of a task's data; mostly all or none.

  Those of Flan 2021 and NIv2 are from TFDS's tables of checksums (4.9.10), for
  whichever way they are got; those of CoT from google-research/FLAN @e9e4ec6.

  >>> downloads_of('flan2021:cb')[0].bytes
  75482
  """
  return _table().get(task, ())


@functools.cache
def _table() -> Mapping[str, tuple[Download, ...]]:
  table: dict[str, tuple[Download, ...]] = {}
  for line in shipped.text('catalog/downloads.tsv').splitlines()[1:]:
    task, file, size, sha256 = line.split('\t')
    made = Download(file, int(size or 0), sha256)
    table[task] = (*table.get(task, ()), made)
  return table
