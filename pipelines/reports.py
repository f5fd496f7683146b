"""What a work item did: the shards it wrote and what it counted.

Reports are small; they are all that comes back from workers. An item's report
is written last, under a name of its own, and is what marks the item as done.
"""

from __future__ import annotations

from collections.abc import Iterable
import dataclasses
import json
from typing import Any

from ul2_flan.pipelines import files
from ul2_flan.pipelines.work import PROGRESS_FOLDER


@dataclasses.dataclass(slots=True)
class Counts:
  """Numbers that add up, and numbers of which the largest counts.

  Names are paths: 'documents/read', 'data/ul2r/train/inputs_tokens'.
  """

  sums: dict[str, int] = dataclasses.field(default_factory=dict)
  maxima: dict[str, int] = dataclasses.field(default_factory=dict)

  def add(self, name: str, amount: int = 1) -> None:
    """Adds to a sum; what is never more than zero has no name."""
    if amount:
      self.sums[name] = self.sums.get(name, 0) + int(amount)

  def see(self, name: str, value: int) -> None:
    """Raises a maximum."""
    self.maxima[name] = max(self.maxima.get(name, 0), int(value))

  def merge(self, other: Counts) -> None:
    """Takes another's counts in."""
    for name, value in other.sums.items():
      self.add(name, value)
    for name, value in other.maxima.items():
      self.see(name, value)

  def __getitem__(self, name: str) -> int:
    return self.sums.get(name, 0)

  def below(self, prefix: str) -> dict[str, int]:
    """The sums under a path: 'documents/dropped' -> {'empty': 3}."""
    head = prefix + '/'
    return {
      name.removeprefix(head): n
      for name, n in sorted(self.sums.items())
      if name.startswith(head)
    }


@dataclasses.dataclass(frozen=True, slots=True)
class ItemShard:
  """A file that a work item wrote.

  Attributes:
    data_set: its data set.
    split: its split.
    index: its number among the shards of the split, or among the parts of
      validation shards.
    path: below the output folder.
    records: examples in it.
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
class Report:
  """What one work item did.

  Attributes:
    item: its index.
    plan: the fingerprint of the plan that it belongs to.
    shards: the files it wrote.
    counts: what it counted.
  """

  item: int
  plan: str
  shards: tuple[ItemShard, ...]
  counts: Counts


def report_path(output: str, item: int) -> str:
  """Where an item's report is."""
  return files.join(output, PROGRESS_FOLDER, f'item-{item:06d}.json')


def beat_path(output: str, item: int) -> str:
  """Where an item that is under way tells how far it is."""
  return files.join(output, PROGRESS_FOLDER, f'beat-{item:06d}.json')


def write(report: Report, output: str) -> None:
  """Marks a work item as done."""
  scratch = files.join(output, PROGRESS_FOLDER)
  data = files.to_json(dataclasses.asdict(report))
  files.write_bytes(report_path(output, report.item), data, scratch)


def read(output: str, item: int) -> Report | None:
  """An item's report, or None if it is not done."""
  path = report_path(output, item)
  if not files.exists(path):
    return None
  raw: dict[str, Any] = json.loads(files.read_bytes(path))
  return Report(
    item=raw['item'],
    plan=raw['plan'],
    shards=tuple(ItemShard(**s) for s in raw['shards']),
    counts=Counts(**raw['counts']),
  )


def total(reports: Iterable[Report]) -> Counts:
  """All counts of some reports."""
  counts = Counts()
  for report in reports:
    counts.merge(report.counts)
  return counts
