"""What is to be done: a plan of work items, made once and kept on disk.

The plan is a function of the configuration and the sources alone. It fixes
which shards every work item writes, so workers need not know of each other and
a restart redoes only what has no report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import functools
import hashlib
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

# What is in an output folder only until the run is finished.
PROGRESS_FOLDER = '_progress'

# A split whose examples are chosen from all over a corpus is small: each work
# item leaves a part of it, and the parts are joined at the end by one worker.
MAX_VALIDATION_FRACTION = 0.1


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
  """Of one group of data sets, what one work item makes.

  Attributes:
    group: the group's name.
    index: its number among the parts of the group.
    pieces: what is read, in this order.
    first_shard: of the training shards of each data set, the first that it
      writes.
    num_shards: how many it writes.
    expected: for a part without pieces, how many bytes it comes to.
  """

  group: str
  index: int
  pieces: tuple[Piece, ...]
  first_shard: int
  num_shards: int
  expected: int = 0

  @property
  def size(self) -> int:
    """Source bytes."""
    return self.expected + sum(p.size for p in self.pieces)


@dataclasses.dataclass(frozen=True, slots=True)
class WorkItem:
  """The smallest unit that a worker does and a restart repeats.

  Attributes:
    index: its number.
    parts: done one after the other; many, where they are small.
  """

  index: int
  parts: tuple[Part, ...]

  @property
  def size(self) -> int:
    """Source bytes."""
    return sum(p.size for p in self.parts)

  @property
  def pieces(self) -> tuple[Piece, ...]:
    """All that it reads."""
    return tuple(piece for part in self.parts for piece in part.pieces)


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
  """Data sets that are made together, of the same sources.

  Attributes:
    data_sets: their names.
    parts: how many parts there are.
    shards: training shards of each data set.
    validation_shards: how many there are of that split, 0 for no such split.
      Each part of the group leaves a part of it; if these are more than the
      shards, they are joined at the end.
  """

  data_sets: tuple[str, ...]
  parts: int
  shards: int
  validation_shards: int

  @property
  def joins(self) -> bool:
    """Whether the parts of the validation split are to be joined."""
    return 0 < self.validation_shards < self.parts

  def validation_shard(self, part: Part) -> int:
    """The shard that a part's validation examples go into."""
    return part.index * self.validation_shards // self.parts


@dataclasses.dataclass(frozen=True)
class Plan:
  """A run that is to be done.

  Attributes:
    job: the kind of run; `jobs.JOBS` has what does it.
    config: all that the bytes of the output depend on, beside the sources.
    items: the work, in order.
    groups: by name.
    estimate: what a sample let expect: 'documents' (or 'rows'), 'tokens' and
      'bytes'.
    manifest: all that the manifest will say and that is known already: the
      fields of `manifest.Manifest` but 'data_sets' and 'run'.
  """

  job: str
  config: Mapping[str, Any]
  items: tuple[WorkItem, ...]
  groups: Mapping[str, Group]
  estimate: Mapping[str, int]
  manifest: Mapping[str, Any]

  @property
  def data_sets(self) -> tuple[str, ...]:
    """Names of all that the run makes."""
    return tuple(d for g in self.groups.values() for d in g.data_sets)

  @property
  def num_shards(self) -> int:
    """Shards of all data sets and splits."""
    return sum(
      len(g.data_sets) * (g.shards + g.validation_shards)
      for g in self.groups.values()
    )

  def to_json(self) -> bytes:
    """The plan as it is kept on disk."""
    return files.to_json(
      {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
    )

  # With ten thousand items a fingerprint takes a tenth of a second, and every
  # work item and every report asks for it.
  @functools.cached_property
  def fingerprint(self) -> str:
    """Sixteen hexadecimal digits that change with the plan."""
    return hashlib.sha256(self.to_json()).hexdigest()[:16]

  def parts(self, group: str) -> list[Part]:
    """The parts of a group, in order."""
    return self._parts[group]

  @functools.cached_property
  def _parts(self) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {name: [] for name in self.groups}
    for item in self.items:
      for part in item.parts:
        found[part.group].append(part)
    return found

  def sources(self) -> dict[str, int]:
    """The files that the run reads, and the bytes that it reads of them."""
    sizes: dict[str, int] = {}
    for item in self.items:
      for piece in item.pieces:
        sizes[piece.path] = sizes.get(piece.path, 0) + piece.size
    return sizes


def check_seed(seed: int) -> None:
  """Raises if a seed has more bits than JSON's readers take.

  Raises:
    UserError: it has.
  """
  if not -(1 << 63) <= seed < 1 << 63:
    raise UserError(f'--seed is {seed}: it must fit in 64 bits, with its sign')


def plan_path(output: str) -> str:
  """Where a run's plan is while it is under way."""
  return files.join(output, PROGRESS_FOLDER, 'plan.json')


def load(path: str, fingerprint: str = '') -> Plan:
  """Reads a plan.

  Workers do, and a launcher that works itself: what JSON does to a plan, such
  as sorting names, is the same for all.

  Args:
    path: where it is.
    fingerprint: which it must be, if that is known.

  Raises:
    RuntimeError: another is in its place.
  """
  raw = orjson.loads(files.read_bytes(path))
  items = tuple(
    WorkItem(item['index'], tuple(map(_part, item['parts'])))
    for item in raw.pop('items')
  )
  groups = {
    name: Group(**{**group, 'data_sets': tuple(group['data_sets'])})
    for name, group in raw.pop('groups').items()
  }
  plan = Plan(items=items, groups=groups, **raw)
  if fingerprint not in ('', plan.fingerprint):
    raise RuntimeError(f'{path} was replaced while the run was under way')
  return plan


def _part(raw: Mapping[str, Any]) -> Part:
  return Part(**{**raw, 'pieces': tuple(map(_piece, raw['pieces']))})


def _piece(raw: Mapping[str, Any]) -> Piece:
  rows = raw['rows'] and tuple(raw['rows'])
  return Piece(**{**raw, 'rows': rows})


def divide(
  group: str,
  pieces: Sequence[Piece],
  part_bytes: float,
  shards_per_byte: float,
) -> list[Part]:
  """Divides the sources of a group into parts.

  Args:
    group: its name.
    pieces: in order; one that is larger than a part is a part of its own.
    part_bytes: the most source bytes of a part, where pieces allow it.
    shards_per_byte: shards that a source byte gives, for each data set.
  """
  runs: list[list[Piece]] = []
  held = 0
  for piece in pieces:
    if not runs or held + piece.size > part_bytes:
      runs.append([])
      held = 0
    runs[-1].append(piece)
    held += piece.size
  parts = []
  first = 0
  for index, run in enumerate(runs):
    size = sum(p.size for p in run)
    count = max(1, round(size * shards_per_byte))
    parts.append(Part(group, index, tuple(run), first, count))
    first += count
  return parts


def items_of(
  parts: Sequence[Part], item_bytes: float, part_bytes: float = 0
) -> tuple[WorkItem, ...]:
  """Puts parts into work items: small ones together, in their order.

  Args:
    parts: one that is larger than an item is an item of its own.
    item_bytes: the most source bytes of an item of several parts.
    part_bytes: what a part costs beside its sources, as if it had more of them.
  """
  runs: list[list[Part]] = []
  held = 0.0
  for part in parts:
    size = part.size + part_bytes
    if not runs or held + size > item_bytes:
      runs.append([])
      held = 0.0
    runs[-1].append(part)
    held += size
  return tuple(WorkItem(i, tuple(run)) for i, run in enumerate(runs))
