"""Estimates what an export costs, from writing some of its shards."""

import time

from ul2_flan.pipelines.export.worker import ExportWorker
from ul2_flan.pipelines.launch.estimate import SECONDS, spread
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.storage import files


def cost(plan: Plan, scratch: str) -> tuple[float, int]:
  """Estimates CPU seconds, by source byte, and the bytes of a shard, twice.

  See `Kind.cost`.
  """
  worker = ExportWorker(plan)
  pieces = [piece for item in plan.items for piece in item.pieces]
  sizes = [float(piece.size) for piece in pieces]
  start = time.process_time()
  done = seconds = 0.0
  for number, piece in enumerate(spread(pieces, sizes)):
    with files.whole_file(files.join(scratch, f'{number}'), scratch) as file:
      worker.write(piece, file)
    done += piece.size
    seconds = time.process_time() - start
    if seconds > SECONDS:
      break
  return seconds * sum(sizes) / max(done, 1), round(2 * max(sizes))
