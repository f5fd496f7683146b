"""Sends the examples of a mixture to their shards, and puts them in order.

    shards of members → frames and their places → blocks by output shard
    all blocks of a shard → frames in order → (packed) → the shard

What a worker does depends on the plan and on what it is given, not on other
workers. `transform` puts an engine's shuffle between the two lines.
"""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.pipelines.mix.frames import (
  FrameBlock,
  make_block,
  places_of,
  with_features,
)
from ul2_flan.pipelines.mix.places import Placement, shard_starts
from ul2_flan.pipelines.run import Plan, division
from ul2_flan.pipelines.sources.own_shards import load_frames
from ul2_flan.pipelines.storage import files, left_out_keys
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.tasks.manifest import Shard
from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.records import Frames

# Source bytes that one element of the engine's work stands for: some seconds.
_READ_BYTES = 64 << 20

# Bytes that a reader collects before it hands them on. Blocks of a large
# mixture's shards are then some kilobytes, and memory is bounded.
HELD_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
  """A shard of a member, to be read.

  Attributes:
    path: of the file.
    shard: what its run's manifest says about it.
    placement: where the member's examples go.
    start: the number of its first example, among those of the member.
    first_item: the work item that writes the split's first shard.
    run: the index of the run that made it.
  """

  path: str
  shard: Shard
  placement: Placement
  start: int
  first_item: int
  run: int


class MixWorker:
  """Reads members, and orders what belongs to a shard.

  Attributes:
    splits: for each split that is made, its epochs, places and shards.
    left_out: uint64 [n], sorted, keys of examples to leave out.
  """

  def __init__(self, plan: Plan):
    """Loads the manifests of the runs that are mixed.

    Raises:
      UserError: one is not there any more, or another run has taken its place.
    """
    config = plan.config
    self.splits: Mapping[str, Mapping[str, int]] = config['splits']
    self._manifests = list(map(manifest_as_planned, config['manifests']))
    self._config = config
    self.left_out = left_out_keys.load_planned(config)

  @functools.cached_property
  def reads(self) -> list[list[Read]]:
    """Groups of shards that some example is taken from, to be read together."""
    return division.runs_of(
      self._reads(), lambda read: read.shard.bytes, _READ_BYTES
    )

  def _reads(self) -> Iterator[Read]:
    first_item = 0
    for split, made in self.splits.items():
      members: Mapping[str, Sequence[int]] = self._config['members'][split]
      per_epoch = sum(count for _, _, count in members.values())
      first = 0
      # Places depend on the order of members. A plan in memory may have
      # another than one that comes from JSON, which sorts them; so sort here.
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
            yield Read(path, shard, placement, start, first_item, index)
          start += shard.records
      first_item += made['shards']

  @functools.cached_property
  def _starts(self) -> dict[str, Int64s]:
    return {
      split: shard_starts(made['places'], made['shards'])
      for split, made in self.splits.items()
    }

  def shard_of(self, item: int) -> tuple[str, int]:
    """Returns the split and the number of the shard that a work item writes.

    Raises:
      IndexError: there is no such work item.
    """
    for split, made in self.splits.items():
      if item < made['shards']:
        return split, item
      item -= made['shards']
    raise IndexError(item)

  def bounds(self, item: int) -> tuple[int, int]:
    """Returns [start, stop), the places of a work item's shard."""
    split, shard = self.shard_of(item)
    start, stop = self._starts[split][shard : shard + 2].tolist()
    return start, stop

  def blocks(
    self, reads: Sequence[Read], wanted: frozenset[int]
  ) -> Iterator[tuple[int, FrameBlock]]:
    """Reads some shards; yields blocks, each with the work item that writes it.

    Args:
      reads: the shards.
      wanted: the work items to be done; what others write is passed over.

    Raises:
      UserError: a shard is not as its run wrote it.
    """
    held: dict[int, list[tuple[Int64s, Frames]]] = {}
    size = 0
    for read in reads:
      frames = self._load_frames(read)
      sizes = frames.sizes
      few = HELD_BYTES // sizes.max(initial=1)
      index, places = read.placement.places(
        read.start, read.start + len(frames)
      )
      shards = np.searchsorted(
        self._starts[read.placement.split], places, 'right'
      )
      for item, chosen in _by_value(shards - 1 + read.first_item):
        if item not in wanted:
          continue
        portions = [chosen]
        if len(chosen) > few:  # examples may be taken many times
          portions = _portions(chosen, sizes[index[chosen]], HELD_BYTES)
        for some in portions:
          part = frames.take(index[some])
          held.setdefault(item, []).append((places[some], part))
          size += len(part.data)
          if size > HELD_BYTES:
            yield from _blocks_of(held)
            held, size = {}, 0
    yield from _blocks_of(held)

  def _load_frames(self, read: Read) -> Frames:
    """Loads a shard's frames, as all runs of the mixture have them."""
    frames = load_frames(read.path, read.shard)
    has = self._manifests[read.run].features
    wanted = self._config['features']
    if has.keys() == wanted.keys():
      return frames
    return with_features(
      frames,
      {name: feature.dtype == 'int32' for name, feature in has.items()},
      {name: made['dtype'] == 'int32' for name, made in wanted.items()},
      read.path,
    )

  def order(self, item: int, blocks: Sequence[FrameBlock]) -> Int64s:
    """Returns the order of a shard's frames: that of their places.

    Returns:
      int64 [n], numbers of frames among those of all blocks.

    Raises:
      RuntimeError: a place is empty or has two: the engine lost or doubled
        something.
    """
    places = places_of(blocks)
    start, stop = self.bounds(item)
    order = np.argsort(places)
    if not np.array_equal(places[order], np.arange(start, stop)):
      raise RuntimeError(
        f'shard {self.shard_of(item)} got {len(places)} records of '
        f'{stop - start}: the engine lost or doubled some'
      )
    return order


def _by_value(numbers: Int64s) -> Iterator[tuple[int, Int64s]]:
  """Yields each number with the indices where it stands, which rise.

  >>> [(n, i.tolist()) for n, i in _by_value(np.array([7, 3, 7]))]
  [(3, [1]), (7, [0, 2])]
  """
  if not len(numbers):
    return  # a mixture may take nothing from a small shard
  order = np.argsort(numbers, kind='stable')
  values, starts = np.unique(numbers[order], return_index=True)
  yield from zip(values.tolist(), np.split(order, starts[1:]), strict=True)


def _portions(things: Int64s, sizes: Int64s, most: int) -> list[Int64s]:
  """Cuts n things into portions of `most` bytes and one thing more, at most.

  >>> _portions(np.array([8, 7, 6]), np.array([3, 4, 1]), 5)
  [array([8, 7]), array([6])]
  """
  begins = np.cumsum(sizes) - sizes
  return np.split(things, np.flatnonzero(np.diff(begins // most)) + 1)


def _blocks_of(
  held: Mapping[int, Sequence[tuple[Int64s, Frames]]],
) -> Iterator[tuple[int, FrameBlock]]:
  for item, parts in held.items():
    yield item, make_block(parts)
