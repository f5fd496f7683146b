"""Reports: what each finished work item leaves for the launcher.

Nothing else comes back from workers. A worker writes an item's report last, in
one rename, when all that it says is on the disk. So the report both marks the
item as done and says what it wrote. A report that is damaged is no report.
"""

from collections.abc import Iterable, Mapping
import dataclasses
import re
from typing import Any

import google_crc32c
import orjson

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.sources.marks import Mark
from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks.strict_tables import typed


@dataclasses.dataclass(frozen=True, slots=True)
class ItemShard:
  """A file that a work item wrote.

  Attributes:
    data_set: the data set that it belongs to.
    split: 'train', 'validation' or 'test'.
    index: its number among the shards of the split, or among the parts of
      validation shards.
    path: relative to the output folder.
    records: how many examples it holds.
    bytes: its size.
    crc32c: of its bytes.
  """

  data_set: str
  split: str
  index: int
  path: str
  records: int
  bytes: int
  crc32c: str


@dataclasses.dataclass(frozen=True, slots=True)
class SmallFile:
  """A file that a run wrote beside its shards.

  Attributes:
    bytes: its size.
    crc32c: of its bytes.
  """

  bytes: int
  crc32c: str


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
  """The report of one work item.

  Attributes:
    item: the item's index.
    plan: the fingerprint of the plan that it belongs to.
    shards: the files that it wrote.
    counts: what it counted.
    read: marks of what it was made of.
    damaged_files: sources that it could not read to the end: where, and why.
    rejects: the file of what it rejected; None if there is none.
  """

  item: int
  plan: str
  shards: tuple[ItemShard, ...]
  counts: Counts
  read: tuple[Mark, ...] = ()
  damaged_files: Mapping[str, str] = dataclasses.field(default_factory=dict)
  rejects: SmallFile | None = None


def described(data: bytes) -> SmallFile:
  """Describes a file by what it consists of."""
  return SmallFile(len(data), f'{google_crc32c.value(data):08x}')


def items_with_report(output: str) -> list[int]:
  """Lists the indices of all items that have a report, of whatever plan."""
  listed = folders.inside(paths.progress_folder(output))
  names = (path.rsplit('/', 1)[-1] for path, _ in listed)
  found = (re.fullmatch(r'item-(\d+)\.json', name) for name in names)
  return [int(match[1]) for match in found if match]


def write(report: Report, output: str) -> None:
  """Writes a report, which marks its work item as done."""
  path = paths.report_path(output, report.item)
  files.write_bytes(path, files.to_json(report), paths.progress_folder(output))


def read(output: str, item: int) -> Report | None:
  """Reads an item's report; returns None if there is none, or half of one.

  A loss of power may leave a file empty, cut or zeroed where a disk does not
  keep what it promised: then the item is not done.
  """
  path = paths.report_path(output, item)
  if not files.exists(path):
    return None
  try:
    raw: dict[str, Any] = orjson.loads(files.read_bytes(path))
    return Report(
      item=raw['item'],
      plan=raw['plan'],
      shards=tuple(typed(ItemShard, s) for s in raw['shards']),
      counts=Counts(**raw['counts']),
      # These are newer than the rest.
      read=tuple(Mark(**m) for m in raw.get('read', ())),
      damaged_files=raw.get('damaged_files', {}),
      rejects=_rejects(raw, output),
    )
  except (FileNotFoundError, LookupError, TypeError, ValueError):
    # Another launcher may have ended the run, and deleted it, just now.
    return None


def _rejects(raw: Mapping[str, Any], output: str) -> SmallFile | None:
  """Returns the file of an item's rejects."""
  if 'rejects' in raw:
    return SmallFile(**raw['rejects']) if raw['rejects'] else None
  # The version before reported no such file.
  path = paths.quarantine_path(output, raw['item'])
  return described(files.read_bytes(path)) if files.exists(path) else None


def damaged(report: Report, output: str) -> list[str]:
  """Lists the files of a report that are gone, or have another size."""
  sizes = {files.join(output, s.path): s.bytes for s in report.shards}
  if report.rejects:
    path = paths.quarantine_path(output, report.item)
    sizes[path] = report.rejects.bytes
  return folders.differing(sizes)


def discard(output: str, items: Iterable[int]) -> None:
  """Deletes the reports of items, so that these are to be done again."""
  files.delete([paths.report_path(output, item) for item in items])
