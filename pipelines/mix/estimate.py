"""Estimates what a mix run costs, from reading and writing a little of it."""

import pickle
import time

import numpy as np

from ul2_flan.pipelines.launch.estimate import SECONDS, spread
from ul2_flan.pipelines.mix.frames import Gathered
from ul2_flan.pipelines.mix.planning import shuffled_bytes
from ul2_flan.pipelines.mix.worker import HELD_BYTES, MixWorker
from ul2_flan.pipelines.mix.write_shard import WINDOW, encoded
from ul2_flan.pipelines.run import Counts, Plan
from ul2_flan.pipelines.storage import files

# How many frames are packed of each group of shards that is read: two windows.
_FRAMES = 8192


def cost(plan: Plan, scratch: str) -> tuple[float, int]:
  """Estimates CPU seconds, and the bytes of the largest step; see `Kind.cost`.

  The seconds are those of reading all members, by source byte, and of packing
  and writing, by shuffled byte.
  """
  worker = MixWorker(plan)
  wanted = frozenset(range(len(plan.items)))
  sizes = [float(sum(r.shard.bytes for r in group)) for group in worker.reads]
  read_seconds = read_bytes = write_seconds = written_bytes = 0.0
  for number, group in enumerate(spread(worker.reads, sizes)):
    start = time.process_time()
    # An engine's shuffle serialises what crosses it.
    blocks = [
      pickle.loads(pickle.dumps(block))
      for _, block in worker.blocks(group, wanted)
    ]
    read_seconds += time.process_time() - start
    read_bytes += sum(r.shard.bytes for r in group)
    if not blocks:
      continue  # a mixture may take nothing from small shards
    start = time.process_time()
    examples = Gathered(blocks)
    order = np.arange(min(_FRAMES, len(examples)))
    with files.whole_file(files.join(scratch, f'{number}'), scratch) as file:
      for _, made in encoded(
        examples, order, plan, 'train', 'sample', Counts()
      ):
        file.write(made)
    write_seconds += time.process_time() - start
    written_bytes += int(examples.sizes[order].sum())
    if read_seconds + write_seconds > SECONDS:
      break
  seconds = read_seconds * sum(sizes) / max(read_bytes, 1)
  seconds += write_seconds * shuffled_bytes(plan) / max(written_bytes, 1)
  return seconds, _held(plan, worker)


def _held(plan: Plan, worker: MixWorker) -> int:
  """Estimates the bytes that the largest step holds: a reader or a writer.

  A reader holds a shard, the frames of it that are wanted, and those again as
  blocks. A writer holds the blocks of its shard, and a window's frames twice.
  """
  sizes = [[r.shard.bytes for r in group] for group in worker.reads]
  shuffled = shuffled_bytes(plan)
  wanted = shuffled / max(1, sum(map(sum, sizes)))
  held = min(HELD_BYTES, wanted * max(map(sum, sizes)))
  reader = max(map(max, sizes)) + 2 * held
  share = max(item.size for item in plan.items) / max(plan.estimate['bytes'], 1)
  places = max(
    made['places'] / made['shards'] for made in worker.splits.values()
  )
  windows = 1 + 2 * min(1, WINDOW / max(places, 1))
  return round(max(reader, windows * share * shuffled))
