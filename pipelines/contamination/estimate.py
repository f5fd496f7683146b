"""Estimates what a search costs, from looking through some of the texts."""

import time

from ul2_flan.pipelines.contamination.worker import ContaminationWorker
from ul2_flan.pipelines.launch.estimate import SECONDS, spread
from ul2_flan.pipelines.run import Counts, Plan, Progress


def cost(plan: Plan, scratch: str) -> tuple[float, None]:
  """Estimates CPU seconds, by source byte; see `Kind.cost`."""
  del scratch  # nothing is written
  worker = ContaminationWorker(plan)
  parts = [part for item in plan.items[:-1] for part in item.parts]
  start = time.process_time()
  done = seconds = 0.0
  for part in spread(parts, [float(part.size) for part in parts]):
    read = 0
    for result in worker.results(part, Counts()):
      seconds = time.process_time() - start
      if isinstance(result, Progress):
        read = min(result.source_bytes, part.size)
        if seconds > SECONDS:
          break
    done += read
    if seconds > SECONDS:
      break
  return seconds * sum(part.size for part in parts) / max(done, 1), None
