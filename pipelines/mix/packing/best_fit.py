"""Which examples share a packed sequence: best fit over a window, on two sides.

Packing is bin packing. An example i has l_i tokens, and a sequence has room for
C, on each side: inputs and targets of an encoder-decoder, or the one side of a
decoder. We look for a sequence s_i for each example such that

    Σ_{i: s_i = k} l_i ≤ C   on each side, for each sequence k,

with as few sequences as possible. *Best fit decreasing* takes the examples from
the largest to the smallest and puts each where it leaves the least room. With
one side it needs at most 11/9 of the fewest possible sequences, and some more
(Johnson et al., SIAM J. Comput. 3, 1974); lengths like those of Flan fill more
than 99%. Ding et al. (arXiv 2404.10830) pack pre-training text in this way.
seqio packs examples as they come: where the next does not fit, it begins a
sequence.

Only lengths matter here, and nothing is random: a window has one result.
"""

import bisect
from collections.abc import Sequence

import numpy as np

from ul2_flan.tasks.ragged import Int64s

# A block with more rooms is cut in two. Windows of 4096 examples, of whatever
# lengths, take least time with about so many.
_BLOCK = 32


def assign(lengths: Int64s, capacity: Sequence[int]) -> Int64s:
  """Finds a sequence for each example: best fit, the largest examples first.

  The size of an example is Σ_sides l / C, because one that is large on either
  side is hard to place. It goes to the sequence with the least room on the
  first side, and of several such to the one with the least room on the second.

  Sequences are numbered in the order of the places that their largest examples
  have in the window: a window that came shuffled stays shuffled.

  It takes O(n log n) for sorting, and for each example a search in a few blocks
  and past at most n / 16 others, whatever C is.

  Args:
    lengths: int64 [n, 1 or 2], tokens of each example on each side.
    capacity: C on each side, in tokens.

  Returns:
    int64 [n], the sequence of each example, from 0; -1 for an example that is
    larger than a sequence on some side.

  >>> assign(np.array([[9, 1], [6, 2], [4, 3], [11, 1]]), [10, 5]).tolist()
  [0, 1, 1, -1]
  """
  room = np.asarray(capacity, np.int64)
  fits = np.flatnonzero((lengths <= room).all(axis=1))
  sequence = np.full(len(lengths), -1, np.int64)
  if not len(fits):
    return sequence
  size = (lengths[fits] / np.maximum(room, 1)).sum(axis=1)
  order = fits[np.argsort(-size, kind='stable')]
  # One side is two of which the second is always free.
  needs = np.zeros((2, len(order)), np.int64)
  needs[: len(room)] = lengths[order].T
  rooms = _Rooms(int(room[0]), int(room[1]) if len(room) > 1 else 0)
  # Two lists of numbers: one of pairs would be many objects, which Python's
  # garbage collector goes through again and again.
  bins = np.array(list(map(rooms.place, *needs.tolist())), np.int64)
  # The example that opened each sequence is the largest in it.
  openers = order[np.unique(bins, return_index=True)[1]]
  # The inner sort orders sequences by their openers; the outer one ranks them.
  sequence[order] = np.argsort(np.argsort(openers))[bins]
  return sequence


class _Rooms:
  """Open sequences, by the room that they have left on both sides.

  A room is one number, with the second side in its lowest bits, so less room is
  a smaller number. What an example needs is such a number too, and its best fit
  is the first room from there on that has enough on the second side. Sorted,
  the rooms lie in short blocks, each with a bound of its second sides: a search
  passes over those blocks where these are too little.
  """

  def __init__(self, first: int, second: int):
    self._bits = second.bit_length()
    self._second = (1 << self._bits) - 1
    self._empty = first << self._bits | second
    # The sequences with just this room.
    self._bins: dict[int, list[int]] = {}
    # Block k has the rooms from `_starts[k]` on, and none with more than
    # `_most[k]` on the second side.
    self._blocks: list[list[int]] = [[]]
    self._starts = [0]
    self._most = [-1]
    self._count = 0

  def place(self, first: int, second: int) -> int:
    """Puts an example of these lengths into a sequence, and returns which."""
    need = first << self._bits | second
    room = self._take(need, second)
    if room is None:
      room, chosen = self._empty, self._count
      self._count += 1
    else:
      chosen = self._bins[room].pop()
    # There is enough on both sides, so none borrows from the other.
    self._add(room - need, chosen)
    return chosen

  def _take(self, need: int, second: int) -> int | None:
    """Finds the best fit, and takes it out if only one sequence has it."""
    first = bisect.bisect_right(self._starts, need) - 1
    start = bisect.bisect_left(self._blocks[first], need)
    for number in range(first, len(self._blocks)):
      if self._most[number] >= second:
        block = self._blocks[number]
        for i in range(start, len(block)):
          room = block[i]
          if room & self._second >= second:
            if len(self._bins[room]) == 1:
              del block[i]
            return room
        if not start:  # the bound was that of a room that is gone
          seconds = map(self._second.__and__, block)
          self._most[number] = max(seconds, default=-1)
      start = 0
    return None

  def _add(self, room: int, chosen: int) -> None:
    """Puts in a sequence with this room."""
    bins = self._bins.setdefault(room, [])
    bins.append(chosen)
    if len(bins) > 1:
      return
    number = bisect.bisect_right(self._starts, room) - 1
    block = self._blocks[number]
    bisect.insort(block, room)
    self._most[number] = max(self._most[number], room & self._second)
    if len(block) > _BLOCK:
      half = len(block) // 2
      self._blocks[number : number + 1] = block[:half], block[half:]
      self._starts.insert(number + 1, block[half])
      self._most.insert(number, self._most[number])
