"""Where rounding decides how a unit is segmented: done as SentencePiece does.

A unit's pieces depend on what comes before it only through the sum of scores
where it begins, a number in single precision. So a document's units are settled
in their order: sums are accumulated up to the first unit that might go another
way, that one is segmented from there, and so on.
"""

from __future__ import annotations

import numpy as np

from ul2_flan.tasks.ragged import Int32s, Int64s
from ul2_flan.tasks.tokenising.lattice import RESET_BELOW, replay
from ul2_flan.tasks.tokenising.store import Store

# Units whose sums are accumulated at once.
_WINDOW = 4096


def settle(
  store: Store,
  scores: np.typing.NDArray[np.float32],
  numbers: Int32s,
  ids: Int32s,
  offsets: Int64s,
) -> list[tuple[int, list[int]]]:
  """Finds the units of a document that have other pieces.

  Args:
    scores: float32, of all ids.
    numbers: int32 [n], the units.
    ids: int32, their pieces.
    offsets: int64 [n + 1], where each unit's pieces begin.

  Returns:
    such units, by their place among the n, and their pieces.
  """
  changes: list[tuple[int, list[int]]] = []
  sums = np.float32(0)
  at = 0
  while at < len(numbers):
    stop = min(at + _WINDOW, len(numbers))
    first = offsets[at]
    run = np.empty(int(offsets[stop] - first) + 1, np.float32)
    run[0] = sums
    scores.take(ids[first : offsets[stop]], out=run[1:])
    np.add.accumulate(run, out=run)
    begins = run.take(offsets[at : stop + 1] - first)
    window = numbers[at:stop]
    lowest = begins[:-1] + store.dips.take(window) - np.float32(1)
    unsure = store.safe.take(window) <= np.spacing(-lowest)
    unsure |= lowest < RESET_BELOW
    at = stop
    sums = begins[-1]
    for k in np.flatnonzero(unsure).tolist():
      unit = stop - len(window) + k
      edges, size = store.edges(int(window[k]))
      found, after = replay(edges, size, begins[k])
      if found != ids[offsets[unit] : offsets[unit + 1]].tolist():
        changes.append((unit, found))
      if after != begins[k + 1]:
        # All that follows begins elsewhere.
        at, sums = unit + 1, after
        break
  return changes
