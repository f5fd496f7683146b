"""Writes one shard of a mixture, packed or as it is, and its report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ul2_flan.pipelines.mix.frames import FrameBlock, Gathered
from ul2_flan.pipelines.mix.packing import pack
from ul2_flan.pipelines.mix.packing.shape import shape_of
from ul2_flan.pipelines.mix.worker import MixWorker
from ul2_flan.pipelines.run import (
  Counts,
  ItemShard,
  Plan,
  Report,
  paths,
  reports,
)
from ul2_flan.pipelines.storage import files, left_out_keys
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.records import Frames
from ul2_flan.tasks.records import blocks as record_blocks

# How many examples are packed together; see `pack` for what other windows give.
# No sequence crosses a shard's end, nor a window's.
WINDOW = 4096

# How many packed sequences are laid out at once: a megabyte, which a
# processor's caches hold.
_AT_ONCE = 256


def write_shard(
  output: str,
  plan: Plan,
  worker: MixWorker,
  item: int,
  blocks: Sequence[FrameBlock],
) -> Report:
  """Does a work item of a mix run: writes its shard, then its report.

  Raises:
    RuntimeError: the engine lost or doubled a record of the shard.
  """
  split, shard = worker.shard_of(item)
  counts = Counts()
  start, stop = worker.bounds(item)
  counts.add(f'mix/{split}/places', stop - start)
  name = plan.data_sets[0]
  path = manifest_lib.shard_path(
    name, split, shard, worker.splits[split]['shards']
  )
  scratch = paths.progress_folder(output)
  written = 0
  with files.whole_file(files.join(output, path), scratch) as file:
    order = worker.order(item, blocks)
    for count, made in encoded(
      Gathered(blocks), order, plan, split, path, counts, worker.left_out
    ):
      file.write(made)
      written += count
  item_shard = ItemShard(
    name, split, shard, path, written, file.size, file.crc32c
  )
  report = Report(item, plan.fingerprint, (item_shard,), counts)
  reports.write(report, output)
  return report


def encoded(
  examples: Gathered,
  order: Int64s,
  plan: Plan,
  split: str,
  path: str,
  counts: Counts,
  left_out: UInt64s = left_out_keys.NONE,
) -> Iterator[tuple[int, bytes]]:
  """Makes the frames of a shard, some thousands at a time.

  Args:
    examples: their frames.
    order: int64 [n], their numbers, in their order.
    plan: the plan of a mix run.
    split: the split that the shard belongs to.
    path: the shard's path, for errors.
    counts: gets the numbers of examples and tokens.
    left_out: uint64 [n], sorted, keys of examples to leave out.

  Yields:
    how many frames, and these, one after the other.
  """
  for start in range(0, len(order), WINDOW):
    window = examples.take(order[start : start + WINDOW])
    taken = len(window)
    if len(left_out):
      window = _without(window, left_out, plan.config, path)
    counts.add(f'mix/{split}/left_out_by_key', taken - len(window))
    counts.add(f'mix/{split}/examples', len(window))
    if not len(window):
      continue
    for count, made, tokens in _made(window, plan.config, split, path, counts):
      where = f'{plan.data_sets[0]}/data/{split}/all'
      counts.add(f'{where}/examples', count)
      for feature, sizes in tokens.items():
        counts.add(f'{where}/{feature}_tokens', int(sizes.sum()))
        if len(sizes):
          counts.see(f'{where}/{feature}_max_tokens', int(sizes.max()))
      yield count, made


def _without(
  window: Frames, left_out: UInt64s, config: Mapping[str, Any], path: str
) -> Frames:
  """Leaves out the frames of examples with some keys."""
  name = left_out_keys.KEY_FEATURE
  keys = record_blocks.texts_of(window, _features(config), name, path)
  numbers = np.array([int(key, 16) for key in keys], np.uint64)
  return window.take(np.flatnonzero(~left_out_keys.among(numbers, left_out)))


def _features(config: Mapping[str, Any]) -> dict[str, bool]:
  """Returns the names of features, sorted, and whether each has token ids."""
  return {
    name: feature['dtype'] == 'int32'
    for name, feature in sorted(config['features'].items())
  }


def _made(
  window: Frames,
  config: Mapping[str, Any],
  split: str,
  path: str,
  counts: Counts,
) -> Iterator[tuple[int, bytes, Mapping[str, Int64s]]]:
  """Makes the frames of a window: its own, or those of packed sequences.

  Yields:
    n, n frames, and by feature int64 [n], the tokens of each.
  """
  features = _features(config)
  if config['pack'] is None:
    tokens = record_blocks.count_tokens(window, features, path)
    yield len(window), window.data, tokens
    return
  shape = shape_of(config['pack'])
  ids = record_blocks.token_varints(window, features, path)
  packed = pack(ids['inputs'], ids['targets'], shape)
  if (packed.sequence < 0).any():
    index = int(np.flatnonzero(packed.sequence < 0)[0])
    raise RuntimeError(f'{path}: example {index} of a window fits nowhere')
  for side, room in shape.room().items():
    counts.add(f'packing/{split}/{side}/tokens', packed.tokens[side])
    counts.add(f'packing/{split}/{side}/room', room * len(packed))
  for start in range(0, len(packed), _AT_ONCE):
    stop = min(start + _AT_ONCE, len(packed))
    made = packed.features(start, stop)
    frames = records.frame_records(records.encode_examples(made))
    yield stop - start, frames, {k: v.lengths for k, v in made.items()}
