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
import json
from typing import Any

from ul2_flan.pipelines import files
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.errors import UserError

# What is in an output folder only until the run is finished.
PROGRESS_FOLDER = '_progress'

# A split whose examples are chosen from all over a corpus is small: each work
# item leaves a part of it, and the parts are joined at the end by one worker.
MAX_VALIDATION_FRACTION = 0.1


@dataclasses.dataclass(frozen=True, slots=True)
class WorkItem:
  """The smallest unit that a worker does and a restart repeats.

  Attributes:
    index: its number.
    pieces: what it reads, in this order.
    first_shard: of the training shards of each data set, the first that it
      writes.
    num_shards: how many it writes.
  """

  index: int
  pieces: tuple[Piece, ...]
  first_shard: int
  num_shards: int

  @property
  def size(self) -> int:
    """Source bytes."""
    return sum(p.size for p in self.pieces)


@dataclasses.dataclass(frozen=True)
class Plan:
  """A run that is to be done.

  Attributes:
    job: the kind of run; `materialise.JOBS` has what does it.
    config: all that the bytes of the output depend on, beside the sources.
    items: the work, in order.
    data_sets: names.
    validation_shards: how many the parts of that split are joined into; 0 for
      no such split.
    estimate: what a sample let expect: 'documents', 'tokens' and 'bytes'.
    manifest: all that the manifest will say and that is known already: the
      fields of `manifest.Manifest` but 'data_sets' and 'run'.
  """

  job: str
  config: Mapping[str, Any]
  items: tuple[WorkItem, ...]
  data_sets: tuple[str, ...]
  validation_shards: int
  estimate: Mapping[str, int]
  manifest: Mapping[str, Any]

  # With ten thousand items a fingerprint takes a tenth of a second, and every
  # work item and every report asks for it.
  @functools.cached_property
  def num_shards(self) -> int:
    """Training shards of each data set."""
    return sum(item.num_shards for item in self.items)

  def to_dict(self) -> dict[str, Any]:
    """The plan as JSON has it."""
    return dataclasses.asdict(self)

  @functools.cached_property
  def fingerprint(self) -> str:
    """Sixteen hexadecimal digits that change with the plan."""
    text = json.dumps(self.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

  def sources(self) -> dict[str, int]:
    """The files that the run reads, and their bytes."""
    sizes: dict[str, int] = {}
    for item in self.items:
      for piece in item.pieces:
        sizes[piece.path] = sizes.get(piece.path, 0) + piece.size
    return sizes

  def validation_shard(self, item: WorkItem) -> int:
    """The shard that an item's part of the validation split goes into."""
    return item.index * self.validation_shards // len(self.items)


def plan_path(output: str) -> str:
  """Where a run's plan is while it is under way."""
  return files.join(output, PROGRESS_FOLDER, 'plan.json')


def load(path: str) -> Plan:
  """Reads a plan."""
  raw = json.loads(files.read_bytes(path))
  items = tuple(
    WorkItem(**{**item, 'pieces': tuple(map(_piece, item['pieces']))})
    for item in raw.pop('items')
  )
  return Plan(items=items, data_sets=tuple(raw.pop('data_sets')), **raw)


def _piece(raw: Mapping[str, Any]) -> Piece:
  rows = raw['rows'] and tuple(raw['rows'])
  return Piece(**{**raw, 'rows': rows})


def divide(
  pieces: Sequence[Piece],
  item_bytes: float,
  shards_per_byte: float,
) -> tuple[WorkItem, ...]:
  """Groups pieces into work items.

  Args:
    pieces: in order; one that is larger than an item is an item of its own.
    item_bytes: the most source bytes of an item, where pieces allow it.
    shards_per_byte: shards that a source byte gives, for each data set.
  """
  groups: list[list[Piece]] = []
  held = float('inf')
  for piece in pieces:
    if held + piece.size > item_bytes:
      groups.append([])
      held = 0
    groups[-1].append(piece)
    held += piece.size
  items = []
  first = 0
  for index, group in enumerate(groups):
    size = sum(p.size for p in group)
    count = max(1, round(size * shards_per_byte))
    items.append(WorkItem(index, tuple(group), first, count))
    first += count
  return tuple(items)


def differences(old: Any, new: Any, at: str = '') -> list[str]:
  """Lines that say where two JSON values differ, by path.

  >>> differences({'seed': 0, 'a': {'b': 1}}, {'seed': 1, 'a': {'b': 1}})
  ['seed: 0 -> 1']
  """
  if isinstance(old, Mapping) and isinstance(new, Mapping):
    lines = []
    for key in sorted({*old, *new}):
      path = f'{at}.{key}' if at else str(key)
      lines += differences(old.get(key), new.get(key), path)
    return lines
  return [] if old == new else [f'{at}: {_short(old)} -> {_short(new)}']


def _short(value: Any) -> str:
  text = json.dumps(value)
  return text if len(text) <= 200 else text[:197] + '...'


def refuse_change(
  old: Mapping[str, Any], new: Mapping[str, Any], output: str
) -> None:
  """Raises if an output was begun or made with another configuration."""
  lines = differences(old, new)
  if lines:
    raise UserError(
      f'{output} was made with another configuration:\n  '
      + '\n  '.join(lines)
      + '\nGive the old configuration to go on, another --output, or '
      '--overwrite to delete what is there.'
    )
