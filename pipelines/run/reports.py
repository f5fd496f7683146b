"""What a work item did: the shards it wrote and what it counted.

Reports are small; they are all that comes back from workers. An item's report
is written last, under a name of its own, and is what marks the item as done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import dataclasses
from typing import Any

import orjson

from ul2_flan.pipelines.run.plan import PROGRESS_FOLDER
from ul2_flan.pipelines.storage import files

# Numbers by what they are of, and then by name.
Numbers = dict[str, dict[str, int]]


@dataclasses.dataclass(slots=True)
class Counts:
  """Numbers that add up, and numbers of which the largest counts.

  Names are paths. Their first part says what a number is of: documents, tokens,
  a task, a data set. There may be ten thousand of these with the same names, so
  the two are kept apart.

  >>> counts = Counts()
  >>> counts.add('documents/dropped/empty')
  >>> counts.sums
  {'documents': {'dropped/empty': 1}}
  """

  sums: Numbers = dataclasses.field(default_factory=dict)
  maxima: Numbers = dataclasses.field(default_factory=dict)

  def add(self, name: str, amount: int = 1) -> None:
    """Adds to a sum; what is never more than zero has no name."""
    if amount:
      owner, _, what = name.partition('/')
      own = self.sums.setdefault(owner, {})
      own[what] = own.get(what, 0) + int(amount)

  def see(self, name: str, value: int) -> None:
    """Raises a maximum."""
    owner, _, what = name.partition('/')
    own = self.maxima.setdefault(owner, {})
    own[what] = max(own.get(what, 0), int(value))

  def merge(self, other: Counts) -> None:
    """Takes another's counts in."""
    for owner, numbers in other.sums.items():
      own = self.sums.setdefault(owner, {})
      for what, n in numbers.items():
        own[what] = own.get(what, 0) + n
    for owner, numbers in other.maxima.items():
      own = self.maxima.setdefault(owner, {})
      for what, n in numbers.items():
        own[what] = max(own.get(what, 0), n)

  def take(self, owners: Iterable[str]) -> Counts:
    """Takes out all that is of some owners."""
    taken = Counts()
    for owner in owners:
      for numbers, own in (
        (self.sums, taken.sums),
        (self.maxima, taken.maxima),
      ):
        if owner in numbers:
          own[owner] = numbers.pop(owner)
    return taken

  def __getitem__(self, name: str) -> int:
    owner, _, what = name.partition('/')
    return self.sums.get(owner, {}).get(what, 0)

  def below(self, prefix: str) -> dict[str, int]:
    """The sums under a path: 'documents/dropped' -> {'empty': 3}."""
    owner, slash, head = prefix.partition('/')
    return under(self.sums.get(owner, {}), head + slash)


def under(numbers: Mapping[str, int], head: str) -> dict[str, int]:
  """Those whose names begin so, by the rest of their names.

  >>> under({'dropped/empty': 3, 'used': 1}, 'dropped/')
  {'empty': 3}
  """
  return {
    name.removeprefix(head): n
    for name, n in sorted(numbers.items())
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


def reported(output: str) -> list[int]:
  """The items that have a report, by one listing."""
  pattern = files.join(output, PROGRESS_FOLDER, 'item-*.json')
  return [
    int(path.rsplit('-', 1)[1].removesuffix('.json'))
    for path, _ in files.match(pattern)
  ]


def beat_path(output: str, item: int) -> str:
  """Where an item that is under way tells how far it is."""
  return files.join(output, PROGRESS_FOLDER, f'beat-{item:06d}.json')


def write(report: Report, output: str) -> None:
  """Marks a work item as done."""
  scratch = files.join(output, PROGRESS_FOLDER)
  path = report_path(output, report.item)
  files.write_bytes(path, files.to_json(report), scratch)


def read(output: str, item: int) -> Report | None:
  """An item's report, or None if it is not done."""
  path = report_path(output, item)
  if not files.exists(path):
    return None
  raw: dict[str, Any] = orjson.loads(files.read_bytes(path))
  return Report(
    item=raw['item'],
    plan=raw['plan'],
    shards=tuple(ItemShard(**s) for s in raw['shards']),
    counts=Counts(**raw['counts']),
  )
