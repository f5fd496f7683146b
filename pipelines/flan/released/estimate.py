"""Estimates what comes of frozen dumps, and what it costs."""

from collections.abc import Sequence
import time

import numpy as np

from ul2_flan.pipelines.flan.context import Encoding, cap_of, task_of
from ul2_flan.pipelines.flan.encode import Encoder
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import (
  has_dump,
  is_released,
  without_run,
)
from ul2_flan.pipelines.launch.estimate import (
  SECONDS,
  Look,
  cost_of_parts,
  spread,
)
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.run.counts import example_tokens
from ul2_flan.pipelines.task_sources.released import Dump, read
from ul2_flan.tasks.rendering import Rendered

# Routing writes the rows and reads them once more, which costs about as much as
# reading them.
_ROUTING = 2.0


def of_dump(plan: Plan, encoder: Encoder, dump: Dump) -> dict[str, float]:
  """Estimates rows, tokens and bytes of a plan's tasks, by a sample."""
  look = _encoded(encoder, dump.texts)
  rows = 0.0
  for name, group in plan.groups.items():
    if is_released(plan, name):
      cap = cap_of(
        task_of(plan.config, name),
        plan.config['cap'],
        plan.config.get('as_released', False),
      )
      for data_set in group.data_sets:
        rows += min(dump.rows[without_run(data_set)], cap or float('inf'))
  share = rows / len(dump.texts)
  tokens = share * example_tokens(look.counts)
  return {'rows': rows, 'tokens': tokens, 'bytes': share * look.written}


def cost(plan: Plan, scratch: str) -> tuple[float, int | None]:
  """Works out the CPU seconds of a Flan run; see `Kind.cost`.

  Where it reads a dump, all tokens count as if they came of it.
  """
  if not has_dump(plan):
    return cost_of_parts(plan, scratch)
  encoder = Encoding(plan.config).encoder
  parts = plan.parts(SUITE)
  reading = encoding = 0.0
  size = tokens = 0
  for part in spread(parts, [float(part.size) for part in parts]):
    start = time.process_time()
    rows = next(read(part.pieces))
    between = time.process_time()
    look = _encoded(encoder, list(zip(rows.inputs, rows.targets, strict=True)))
    reading += between - start
    encoding += time.process_time() - between
    size += rows.source_bytes
    tokens += example_tokens(look.counts)
    if reading + encoding > SECONDS:
      break
  whole = sum(part.size for part in parts)
  seconds = _ROUTING * reading * whole / max(size, 1)
  seconds += encoding * plan.estimate['tokens'] / max(tokens, 1)
  return seconds, None


def _encoded(encoder: Encoder, texts: Sequence[tuple[str, str]]) -> Look:
  count = len(texts)
  rendered = Rendered(
    np.arange(count),
    [inputs for inputs, _ in texts],
    [targets for _, targets in texts],
    draws={'template': [''] * count},
  )
  look = Look()
  look.add(
    encoder.encode(
      {'dump': rendered},
      np.zeros(count, np.uint64),
      np.zeros(count, np.bool_),
      code=False,
      places=[''] * count,
      counts=look.counts,
    )
  )
  return look
