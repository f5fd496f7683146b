"""The plan of a run: its work items, made once and kept on disk.

A plan depends on the configuration and the sources alone. It fixes which shards
each work item writes. So workers need not know of each other, and a restart
repeats only the items that have no report.
"""

from collections.abc import Mapping
import dataclasses
import functools
import hashlib
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import TFRECORD
from ul2_flan.tasks.strict_tables import typed


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
  """A work item's share of one group of data sets.

  Attributes:
    group: the group's name.
    index: its number among the parts of the group.
    pieces: what the worker reads, in this order.
    first_shard: the number of the first shard that it writes, in each data set
      of the group; not counting validation shards.
    num_shards: how many shards it writes in each data set.
    expected: for a part without pieces, how many bytes it will come to.
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
    parts: what it makes, one after the other; several if they are small.
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
  """Data sets that a run makes together, from the same sources.

  Attributes:
    data_sets: their names.
    parts: how many parts they are made in.
    shards: how many shards each data set has, of the split `split`.
    validation_shards: how many validation shards each has if any of its
      examples is held out. A part writes one file of what it holds out. With
      fewer shards than parts, the end of the run joins these files.
    split: 'train', or 'test' for data that no model is trained on.
    denoisers: how many denoisers made a data set whose validation examples are
      kept apart by denoiser; else 1. Each has as many of the validation shards,
      and a file of its own in each part.
  """

  data_sets: tuple[str, ...]
  parts: int
  shards: int
  validation_shards: int
  split: str = 'train'
  denoisers: int = 1

  @property
  def splits(self) -> tuple[str, ...]:
    """The splits that each data set may have."""
    return (self.split, 'validation')[: 1 + bool(self.validation_shards)]

  @property
  def joins(self) -> bool:
    """Whether the end of the run joins the parts' validation files."""
    return 0 < self.validation_shards < self.validation_files

  @property
  def validation_files(self) -> int:
    """How many files of validation examples the parts write at most."""
    return self.parts * self.denoisers

  def validation_shard(self, file: int) -> int:
    """The shard that gets a file of validation examples, by its number.

    Files are numbered by denoiser, and then by part.
    """
    # Parts that follow each other go to one shard, as evenly as can be.
    return file * self.validation_shards // self.validation_files


@dataclasses.dataclass(frozen=True)
class Plan:
  """All that is known of a run before it starts.

  Attributes:
    kind: the kind of run, such as ul2.
    config: what the bytes of the output depend on, besides the sources.
    items: the work items, in order.
    groups: the groups of data sets, by name.
    estimate: what to expect, from a sample: 'tokens', 'bytes', and records
      under the name that the kind has for them (`Kind.unit`).
    manifest: what the manifest will say and the planner knows already: the
      fields of `manifest.Manifest` without 'data_sets' and 'run'.
  """

  kind: str
  config: Mapping[str, Any]
  items: tuple[WorkItem, ...]
  groups: Mapping[str, Group]
  estimate: Mapping[str, int]
  manifest: Mapping[str, Any]

  @property
  def data_sets(self) -> tuple[str, ...]:
    """Names of all data sets that the run makes."""
    return tuple(d for g in self.groups.values() for d in g.data_sets)

  @property
  def num_shards(self) -> int:
    """Shards of all data sets and splits."""
    return sum(
      len(g.data_sets) * (g.shards + g.validation_shards)
      for g in self.groups.values()
    )

  @property
  def file_format(self) -> str:
    """The format of its shards; see `Manifest.file_format`."""
    known: Mapping[str, str] = self.manifest.get('run', {})
    return known.get('format', TFRECORD)

  def to_json(self) -> bytes:
    """Writes the plan as it lies on disk, where the kind is called 'job'."""
    fields = _fields(self)
    fields['groups'] = {k: _fields(group) for k, group in self.groups.items()}
    for group in fields['groups'].values():
      if group['split'] == 'train':
        del group['split']  # as plans of the version before are written
      if group['denoisers'] == 1:
        del group['denoisers']
    return files.to_json({'job': fields.pop('kind'), **fields})

  # Kept: with ten thousand items it takes a tenth of a second, and every work
  # item and every report asks for it.
  @functools.cached_property
  def fingerprint(self) -> str:
    """Sixteen hexadecimal digits that change with the plan."""
    return hashlib.sha256(self.to_json()).hexdigest()[:16]

  def parts(self, group: str) -> list[Part]:
    """The parts of a group, in order."""
    return self._parts[group]

  @functools.cached_property
  def _parts(self) -> dict[str, list[Part]]:
    parts: dict[str, list[Part]] = {name: [] for name in self.groups}
    for item in self.items:
      for part in item.parts:
        parts[part.group].append(part)
    return parts

  def sources(self) -> dict[str, int]:
    """The files that the run reads, and how many bytes it reads of each."""
    sizes: dict[str, int] = {}
    for item in self.items:
      for piece in item.pieces:
        sizes[piece.path] = sizes.get(piece.path, 0) + piece.size
    return sizes


def _fields(of: Plan | Group) -> dict[str, Any]:
  return {f.name: getattr(of, f.name) for f in dataclasses.fields(of)}


def find(path: str) -> Plan | None:
  """Reads a plan; returns None if there is none, or half of one.

  A loss of power may leave it empty, cut or zeroed where a disk does not keep
  what it promised. None of these is JSON, as the plan of any version is.

  Raises:
    UserError: this version of ul2-flan cannot read the plan.
  """
  if not files.exists(path):
    return None
  try:
    orjson.loads(files.read_bytes(path))
  except (FileNotFoundError, orjson.JSONDecodeError):
    return None
  return load(path)


def load(path: str, fingerprint: str = '') -> Plan:
  """Reads a plan.

  Every worker reads the plan from its file, one in the launcher's process too:
  JSON sorts names, for example, and all workers must see the same plan.

  Args:
    path: where the plan lies.
    fingerprint: the one that it must have, if that is known.

  Raises:
    RuntimeError: another plan has taken its place.
    UserError: this version of ul2-flan cannot read the plan.
  """
  try:
    plan = _parse(files.read_bytes(path))
    found = plan.fingerprint  # an error where values are nested too deeply
  except (AttributeError, KeyError, TypeError, ValueError) as e:
    raise UserError(
      f'{path} is no plan that this version of ul2-flan reads '
      f'({type(e).__name__}: {e}). Finish the run with the version that began '
      'it, or give another --output'
    ) from e
  if fingerprint not in ('', found):
    raise RuntimeError(f'{path} was replaced while the run was under way')
  return plan


# Kept: a launcher that works too reads its plan five times.
@functools.lru_cache(maxsize=1)
def _parse(data: bytes) -> Plan:
  raw: dict[str, Any] = orjson.loads(data)
  items = tuple(
    typed(WorkItem, {**item, 'parts': tuple(map(_part, item['parts']))})
    for item in raw.pop('items')
  )
  groups = {
    name: typed(Group, {**group, 'data_sets': tuple(group['data_sets'])})
    for name, group in raw.pop('groups').items()
  }
  made = {'kind': raw.pop('job'), 'items': items, 'groups': groups}
  return typed(Plan, {**raw, **made})


def _part(raw: Mapping[str, Any]) -> Part:
  return typed(Part, {**raw, 'pieces': tuple(map(_piece, raw['pieces']))})


def _piece(raw: Mapping[str, Any]) -> Piece:
  rows = raw['rows'] and tuple(raw['rows'])
  return typed(Piece, {**raw, 'rows': rows})
