"""Segments the units where rounding decides, as SentencePiece does.

A unit's pieces depend on what comes before it only through the sum of scores
where it begins, a number in single precision. So `settle` goes through a
document in order: it accumulates sums up to the first unit that might be
segmented otherwise, segments that unit from its sum, and goes on from there.
Why only few units need this: see the package.
"""

import numpy as np

from ul2_flan.tasks.ragged import Int32s, Int64s
from ul2_flan.tasks.vocabulary.word_cache.replay import RESET_BELOW, replay
from ul2_flan.tasks.vocabulary.word_cache.store import Store

# Units whose sums are accumulated at once. When a sum changes, those behind it
# in the window are accumulated anew, so a window must not be a whole document.
_WINDOW = 1 << 12


def settle(
  store: Store, numbers: Int64s, ids: Int32s, offsets: Int64s, doubtful: Int64s
) -> list[tuple[int, list[int]]]:
  """Finds the units of a document whose pieces differ from the store's.

  Args:
    store: has the units.
    numbers: int64 [n], the units' numbers.
    ids: int32, their pieces by the store.
    offsets: int64 [n + 1], where each unit's pieces begin.
    doubtful: int64, ascending, the places among the n of at least all units
      that are not safe at the spacing of the document's lowest sum.

  Returns:
    the place among the n of each such unit, and its pieces.
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
      # Any unit from which sums may fall so low that they are begun anew may be
      # the one where that happens, whatever its margin.
      bounds = run.take(offsets[at : stop + 1] - first)
      is_place = bounds[:-1] < RESET_BELOW - store.deepest
      is_place[places - at] = True
      (below,) = (bounds[1:] < RESET_BELOW).nonzero()
      stop = at + int(below[0]) + 1 if len(below) else stop
      places = at + np.flatnonzero(is_place[: stop - at])
    begins = run.take(offsets.take(places) - first)
    which = numbers.take(places)
    # One less, for the rounding in this sum itself.
    lowest = begins + store.dips.take(which) - np.float32(1)
    unsure = store.safe.take(which) <= np.spacing(-lowest)
    unsure |= lowest < RESET_BELOW
    at, sums = stop, run[offsets[stop] - first]
    for unit, begin in zip(
      places[unsure].tolist(), begins[unsure], strict=True
    ):
      edges, size = store.edges(int(numbers[unit]))
      pieces, after = replay(edges, size, begin)
      if pieces != ids[offsets[unit] : offsets[unit + 1]].tolist():
        changes.append((unit, pieces))
      if after != run[offsets[unit + 1] - first]:
        # All sums behind this unit change: accumulate them anew.
        at, sums = unit + 1, after
        break
  return changes
