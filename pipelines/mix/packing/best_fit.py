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

from collections.abc import Sequence
import functools

import numpy as np

from ul2_flan.tasks.ragged import Int64s


def assign(lengths: Int64s, capacity: Sequence[int]) -> Int64s:
  """Finds a sequence for each example: best fit, the largest examples first.

  The size of an example is Σ_sides l / C, because one that is large on either
  side is hard to place. It goes to the sequence with the least room on the
  first side, and of several such to the one with the least room on the second.

  Sequences are numbered in the order of the places that their largest examples
  have in the window: a window that came shuffled stays shuffled.

  It takes O(n log n) for sorting, and O(n log C_2) operations on sets of C_1
  bits for searching.

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

  Sets of numbers are integers with a bit for each number: the least number of a
  set, or the union of two, costs one operation on a few hundred bytes. For each
  room on the second side, `_firsts` has the set of the rooms on the first side
  that occur with it, as the leaves of a binary tree; an inner node has the
  union of its leaves. An exact best fit then takes a dozen operations, however
  many sequences are open.
  """

  def __init__(self, first: int, second: int):
    self._full = first, second
    # The sequences with just this room on both sides.
    self._bins: dict[tuple[int, int], list[int]] = {}
    # For each room on the first side, the set of those on the second.
    self._seconds = [0] * (first + 1)
    # Node 1 is the root, node k has the children 2k and 2k + 1.
    self._leaf = 1 << second.bit_length()
    self._firsts = [0] * (2 * self._leaf)
    self._from = _nodes_from(self._leaf)
    self._count = 0

  def place(self, first: int, second: int) -> int:
    """Puts an example of these lengths into a sequence, and returns which."""
    # Shifted so that bit k stands for k tokens more than are needed. The lowest
    # bit that is set, `x & -x`, is then the best fit.
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
    """Returns the rooms on the first side, with at least this on the second."""
    rooms = 0
    for node in self._from[second]:
      rooms |= self._firsts[node]
    return rooms

  def _take(self, first: int, second: int) -> int:
    """Takes out a sequence with just this room."""
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
    """Puts in a sequence with this room."""
    bins = self._bins.setdefault((first, second), [])
    bins.append(chosen)
    if len(bins) == 1:
      self._seconds[first] |= 1 << second
      bit, sets, node = 1 << first, self._firsts, self._leaf + second
      # If a union has the bit, all above it have it too.
      while node and not sets[node] & bit:
        sets[node] |= bit
        node >>= 1


@functools.cache
def _nodes_from(leaves: int) -> list[list[int]]:
  """Finds the nodes of a binary tree that have the leaves from each one on.

  They are O(log leaves): the leaf, and of each node on its way to the root that
  is a left child, the right sibling.

  Args:
    leaves: how many the tree has, a power of two.

  >>> _nodes_from(4)  # node 1 is the root, nodes 4 to 7 are the leaves
  [[4, 5, 3], [5, 3], [6, 7], [7]]
  """
  nodes = []
  for node in range(leaves, 2 * leaves):
    way = [node]
    while node > 1:
      if not node & 1:
        way.append(node + 1)
      node >>= 1
    nodes.append(way)
  return nodes
