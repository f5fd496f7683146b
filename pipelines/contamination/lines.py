"""Makes what is written: JSON lines."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.run import Batch, Counts


def batch_of(
  number: int,
  data_sets: Sequence[str],
  lines: Sequence[Mapping[str, Any]],
  counts: Counts,
) -> Batch:
  """Makes a batch of lines, and counts them as examples.

  Args:
    number: the index of their data set.
    data_sets: those of its group.
    lines: what to write.
    counts: gets their number.
  """
  counts.add(f'{data_sets[number]}/data/test/all/examples', len(lines))
  n = len(lines)
  return Batch(
    [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines],
    np.zeros(n, np.uint64),
    np.full(n, number, np.int64),
    np.zeros(n, np.bool_),
  )
