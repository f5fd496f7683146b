"""Which examples share a sequence: best fit over a window, on two sides.

Only lengths are looked at. A sequence of an encoder-decoder has two sides, and
an example must fit on both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ul2_flan.tasks.ragged import Int64s


def assign(lengths: Int64s, capacity: Sequence[int]) -> Int64s:
  """Finds a sequence for each example: best fit, the largest examples first.

  An example goes to the sequence with the least room on the first side, of
  those that have enough on each. Sequences are in the order of their largest
  examples' places in the window, so that a window which came shuffled is
  shuffled still.

  Args:
    lengths: int64 [n, 1 or 2], tokens of each example on each side.
    capacity: of a sequence, on each side.

  Returns:
    int64 [n], indices of sequences from 0; -1 for what fits into none.

  >>> assign(np.array([[9, 1], [6, 2], [4, 3], [11, 1]]), [10, 5]).tolist()
  [0, 1, 1, -1]
  """
  room = np.asarray(capacity, np.int64)
  fits = np.flatnonzero((lengths <= room).all(axis=1))
  found = np.full(len(lengths), -1, np.int64)
  if not len(fits):
    return found
  # Of both sides, since an example that is large on either is hard to place.
  size = (lengths[fits] / np.maximum(room, 1)).sum(axis=1)
  order = fits[np.argsort(-size, kind='stable')]
  needs = np.zeros((len(order), 2), np.int64)
  needs[:, : len(room)] = lengths[order]
  rooms = _Rooms(int(room[0]), int(room[1]) if len(room) > 1 else 0)
  bins = np.array([rooms.place(a, b) for a, b in needs.tolist()], np.int64)
  # Of each sequence, the example that opened it.
  openers = order[np.unique(bins, return_index=True)[1]]
  found[order] = np.argsort(np.argsort(openers))[bins]
  return found


class _Rooms:
  """Open sequences, by the room that they have on both sides.

  Sets of numbers are integers with a bit for each, so that the least number of
  a set, or the union of two, costs one operation on a few hundred bytes. For
  each room on the second side there is the set of the rooms on the first that
  occur with it; a tree has their unions. An exact best fit then takes a dozen
  operations, however many sequences are open.
  """

  def __init__(self, first: int, second: int):
    self._full = first, second
    self._bins: dict[tuple[int, int], list[int]] = {}
    self._seconds = [0] * (first + 1)
    # Node 1 is the root, node k has the children 2k and 2k + 1.
    self._leaf = 1 << second.bit_length()
    self._firsts = [0] * (2 * self._leaf)
    self._count = 0

  def place(self, first: int, second: int) -> int:
    """Puts an example of these lengths into a sequence, and says which."""
    rooms = self._with_room_on_second(second) >> first
    if rooms:
      left = first + (rooms & -rooms).bit_length() - 1
      seconds = self._seconds[left] >> second
      right = second + (seconds & -seconds).bit_length() - 1
      chosen = self._take(left, right)
    else:
      left, right = self._full
      chosen = self._count
      self._count += 1
    self._add(left - first, right - second, chosen)
    return chosen

  def _with_room_on_second(self, second: int) -> int:
    """The set of rooms on the first side, with at least this on the second."""
    node = self._leaf + second
    found = self._firsts[node]
    while node > 1:
      if not node & 1:
        found |= self._firsts[node + 1]
      node >>= 1
    return found

  def _take(self, first: int, second: int) -> int:
    bins = self._bins[first, second]
    chosen = bins.pop()
    if not bins:
      self._seconds[first] ^= 1 << second
      bit, sets, node = 1 << first, self._firsts, self._leaf + second
      sets[node] ^= bit
      # A union keeps what its other half has.
      while node > 1 and not sets[node ^ 1] & bit:
        node >>= 1
        sets[node] ^= bit
    return chosen

  def _add(self, first: int, second: int, chosen: int) -> None:
    bins = self._bins.setdefault((first, second), [])
    bins.append(chosen)
    if len(bins) == 1:
      self._seconds[first] |= 1 << second
      bit, sets, node = 1 << first, self._firsts, self._leaf + second
      while node and not sets[node] & bit:
        sets[node] |= bit
        node >>= 1
