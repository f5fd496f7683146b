"""Where rounding decides how a unit is segmented: done as SentencePiece does.

A unit's pieces depend on what comes before it only through the sum of scores
where it begins, a number in single precision. So a document's units are settled
in their order: sums are accumulated up to the first unit that might go another
way, that one is segmented from there, and so on.
"""

from __future__ import annotations

import numpy as np

from ul2_flan.tasks.ragged import Int32s, Int64s
from ul2_flan.tasks.vocabulary.word_cache.lattice import RESET_BELOW, replay
from ul2_flan.tasks.vocabulary.word_cache.store import Store

# Units whose sums are accumulated at once.
_WINDOW = 1 << 12


def settle(
  store: Store,
  numbers: Int64s,
  ids: Int32s,
  offsets: Int64s,
  doubtful: Int64s,
) -> list[tuple[int, list[int]]]:
  """Finds the units of a document that have other pieces.

  Args:
    store: has the units.
    numbers: int64 [n], the units.
    ids: int32, their pieces.
    offsets: int64 [n + 1], where each unit's pieces begin.
    doubtful: places among the n, ascending, of those that are not safe where
      sums are spaced by `MAX_SPACING`.

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
    run[1:] = store.scores.take(ids[first : offsets[stop]])
    np.add.accumulate(run, out=run)
    places = doubtful[slice(*np.searchsorted(doubtful, (at, stop)))]
    if run[-1] + store.deepest < RESET_BELOW:
      places = np.arange(at, stop)
    begins = run.take(offsets.take(places) - first)
    which = numbers.take(places)
    lowest = begins + store.dips.take(which) - np.float32(1)
    unsure = store.safe.take(which) <= np.spacing(-lowest)
    unsure |= lowest < RESET_BELOW
    at, sums = stop, run[-1]
    for unit, begin in zip(
      places[unsure].tolist(), begins[unsure], strict=True
    ):
      edges, size = store.edges(int(numbers[unit]))
      found, after = replay(edges, size, begin)
      if found != ids[offsets[unit] : offsets[unit + 1]].tolist():
        changes.append((unit, found))
      if after != run[offsets[unit + 1] - first]:
        # All that follows begins elsewhere.
        at, sums = unit + 1, after
        break
  return changes
