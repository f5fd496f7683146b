"""A mixture's records to their shards: pure functions, and their accounts.

shards of members → frames and their places → blocks by output shard
all blocks of a shard → frames in order → (packed) → the shard

A frame is a record with its length and checksums, as it stands in a TFRecord
file: what is not packed is never taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools
import struct
from typing import Any

import google_crc32c
import numpy as np

from ul2_flan.pipelines.mix.places import Placement, shard_starts
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, Shard
from ul2_flan.tasks.ragged import Int64s, offsets_of
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL

# Source bytes of a reading work item, and bytes that it holds before it hands
# them on.
_READ_BYTES = 64 << 20
HELD_BYTES = 64 << 20

_LENGTH = struct.Struct('<Q')


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
  """A shard of a member.

  Attributes:
    path: of the file.
    shard: what its run's manifest says of it.
    placement: where the member's examples go.
    start: the number of its first example, of the member's.
    first_item: the first work item of the split's output shards.
  """

  path: str
  shard: Shard
  placement: Placement
  start: int
  first_item: int


# Places within a split (int64), sizes (int64), and the frames themselves, as
# bytes: what crosses the engine.
FrameBlock = tuple[bytes, bytes, bytes]


class MixWorker:
  """What a mix run's workers know.

  Attributes:
    splits: those that are made: name to places and shards.
  """

  def __init__(self, plan: Plan):
    """Loads the manifests of the runs that are mixed.

    Raises:
      UserError: one is not there any more, or of another run.
    """
    config = plan.config
    self.splits: Mapping[str, Mapping[str, int]] = config['splits']
    self._manifests = [load_manifest(known) for known in config['manifests']]
    self._config = config

  @functools.cached_property
  def reads(self) -> list[list[Read]]:
    """Reading work items: shards that have something to give."""
    groups: list[list[Read]] = []
    held = 0
    for read in self._reads():
      if not groups or held + read.shard.bytes > _READ_BYTES:
        groups.append([])
        held = 0
      groups[-1].append(read)
      held += read.shard.bytes
    return groups

  def _reads(self) -> Iterator[Read]:
    first_item = 0
    for split, made in self.splits.items():
      members: Mapping[str, Sequence[int]] = self._config['members'][split]
      per_epoch = sum(count for _, _, count in members.values())
      first = 0
      # Sorted, as JSON has them: places depend on who comes first.
      for name, (index, examples, count) in sorted(members.items()):
        placement = Placement(
          name,
          examples,
          count,
          first,
          per_epoch,
          made['epochs'],
          self._config['seed'],
          split,
        )
        first += count
        start = 0
        output = self._config['manifests'][index]['output']
        for shard in self._manifests[index].data_sets[name][split].shards:
          if count and shard.records:
            path = files.join(output, shard.path)
            yield Read(path, shard, placement, start, first_item)
          start += shard.records
      first_item += made['shards']

  @functools.cached_property
  def _starts(self) -> dict[str, Int64s]:
    return {
      split: shard_starts(made['places'], made['shards'])
      for split, made in self.splits.items()
    }

  def shard_of(self, item: int) -> tuple[str, int]:
    """The split and the number of the shard that a work item writes."""
    for split, made in self.splits.items():
      if item < made['shards']:
        return split, item
      item -= made['shards']
    raise IndexError(item)

  def bounds(self, item: int) -> tuple[int, int]:
    """The places of the shard that a work item writes."""
    split, shard = self.shard_of(item)
    start, stop = self._starts[split][shard : shard + 2].tolist()
    return start, stop

  def blocks(
    self, reads: Sequence[Read], wanted: frozenset[int]
  ) -> Iterator[tuple[int, FrameBlock]]:
    """Records of some shards, by the work item that writes each.

    Args:
      wanted: work items that are to be done; for the others nothing is given.
    """
    held: dict[int, list[tuple[Int64s, Int64s, bytes]]] = {}
    size = 0
    for read in reads:
      file, offsets = load_frames(read.path, read.shard)
      index, places = read.placement.places(
        read.start, read.start + len(offsets) - 1
      )
      shards = np.searchsorted(
        self._starts[read.placement.split], places, 'right'
      )
      for item, own in _by_shard(shards - 1 + read.first_item):
        if item not in wanted:
          continue
        starts, stops = offsets[index[own]], offsets[index[own] + 1]
        data = b''.join(_slices(file, starts, stops))
        sizes = stops - starts
        held.setdefault(item, []).append((places[own], sizes, data))
        size += len(data)
      if size > HELD_BYTES:
        yield from _flush(held)
        held, size = {}, 0
    yield from _flush(held)

  def in_order(self, item: int, blocks: Sequence[FrameBlock]) -> list[bytes]:
    """The frames of a shard, each at its place.

    Raises:
      RuntimeError: a place is empty or has two: the engine lost something.
    """
    places = np.frombuffer(b''.join(b[0] for b in blocks), np.int64)
    start, stop = self.bounds(item)
    order = np.argsort(places)
    if not np.array_equal(places[order], np.arange(start, stop)):
      raise RuntimeError(
        f'shard {self.shard_of(item)} got {len(places)} records of '
        f'{stop - start}: the engine lost or doubled some'
      )
    frames = frames_of(blocks)
    return [frames[i] for i in order.tolist()]


def frames_of(blocks: Iterable[FrameBlock]) -> list[bytes]:
  """The frames of blocks, as they come."""
  frames: list[bytes] = []
  for _, sizes, data in blocks:
    offsets = offsets_of(np.frombuffer(sizes, np.int64))
    frames += _slices(data, offsets[:-1], offsets[1:])
  return frames


def _slices(data: bytes, starts: Int64s, stops: Int64s) -> list[bytes]:
  bounds = zip(starts.tolist(), stops.tolist(), strict=True)
  return [data[start:stop] for start, stop in bounds]


def _by_shard(shards: Int64s) -> Iterator[tuple[int, Int64s]]:
  """Equal numbers, each with the indices at which it stands."""
  if not len(shards):
    return  # of a small shard, no record may be wanted
  order = np.argsort(shards, kind='stable')
  found, starts = np.unique(shards[order], return_index=True)
  yield from zip(found.tolist(), np.split(order, starts[1:]), strict=True)


def _flush(
  held: Mapping[int, Sequence[tuple[Int64s, Int64s, bytes]]],
) -> Iterator[tuple[int, FrameBlock]]:
  for item, parts in held.items():
    places, sizes, data = zip(*parts, strict=True)
    yield (
      item,
      (
        np.concatenate(places).tobytes(),
        np.concatenate(sizes).tobytes(),
        b''.join(data),
      ),
    )


def load_frames(path: str, shard: Shard) -> tuple[bytes, Int64s]:
  """A shard, checked against its run's manifest.

  Returns:
    all of the file, and int64 [records + 1]: where each frame begins.

  Raises:
    UserError: the file is not the one that the manifest tells of.
  """
  data = files.read_bytes(path)
  if f'{google_crc32c.value(data):08x}' != shard.crc32c:
    raise UserError(
      f'{path} is not as its run wrote it; `python -m '
      'ul2_flan.pipelines.verify` on that run says what is wrong'
    )
  around = FRAME_HEAD + FRAME_TAIL
  offsets = [0]
  at = 0
  while at < len(data):
    at += _LENGTH.unpack_from(data, at)[0] + around
    offsets.append(at)
  return data, np.array(offsets, np.int64)


def load_manifest(known: Mapping[str, Any]) -> Manifest:
  """A manifest of a run that is mixed, as it was when the plan was made."""
  path = files.join(known['output'], manifest_lib.FILE_NAME)
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  if manifest.run['plan'] != known['plan']:
    raise UserError(f'{path} is of another run than when this one was planned')
  return manifest
