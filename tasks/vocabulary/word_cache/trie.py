"""A trie of pieces that many strings walk at once, in NumPy.

The first two bytes of a walk are looked up in a table, both at once. The arcs
of further bytes lie in a hash table, by node and byte: a step of n walks is one
look-up of n keys, whatever the number of pieces. A node has the number of its
arc's slot, so whoever finds the arc knows the node.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Bools, Bytes, Int32s, Int64s
from ul2_flan.tasks.vocabulary.word_cache import hashing

# Of 32 bits, a key has 24 for the number of a node, and 8 for a byte.
_MAX_SHORT = 1 << 24

# What is new at a depth: the pieces that are longer, by their places in sorted
# order; their next bytes; and which of them begin otherwise than the piece
# before does.
_Depth = tuple[Int64s, Bytes, Bools]


class Trie:
  r"""Finds the pieces that begin at a place.

  >>> trie = Trie([b'a', b'ab'], np.array([5, 6]))
  >>> text = np.frombuffer(b'ab\0', np.uint8)
  >>> for which, size, ids in trie.found(text, np.array([0, 1])):
  ...   print(which.tolist(), size, ids.tolist())
  [0] 1 [5]
  [0] 2 [6]
  """

  def __init__(self, pieces: Sequence[bytes], ids: npt.NDArray[np.integer]):
    """Builds the trie, one depth after the other.

    Args:
      pieces: n distinct ones, none of them empty or with a zero byte.
      ids: integers [n].
    """
    order = sorted(range(len(pieces)), key=pieces.__getitem__)
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces))[order]
    flat = np.frombuffer(b''.join([pieces[i] for i in order]), np.uint8)
    depths = list(_depths(flat, sizes))
    pairs = sum(int(new.sum()) for *_, new in depths[1:2])
    # A fourth is used at most. The fuller it is, the longer it takes to see
    # that there is no arc, with which each walk ends.
    slots = 2 * hashing.size_for(sum(int(n.sum()) for *_, n in depths[2:]))
    kind: type[Any] = np.uint32 if slots + pairs < _MAX_SHORT else np.uint64
    self._empty = np.iinfo(kind).max
    self._keys: hashing.Keys = np.full(slots, self._empty, kind)
    # By a first byte: the id of the piece that it is, or -1.
    self._first: Int32s = np.full(1 << 8, -1, np.int32)
    # By the first two bytes: their node, or 0. These nodes have the numbers
    # after the slots'.
    self._second: Int32s = np.zeros(1 << 16, np.int32)
    # By node: the id of the piece that ends there, or -1.
    self._piece: Int32s = np.full(slots + pairs, -1, np.int32)
    self._build(depths, sizes, np.asarray(ids, np.int32)[order])

  def _build(
    self, depths: Sequence[_Depth], sizes: Int64s, ids: Int32s
  ) -> None:
    # Of each piece, the node of its beginning so far.
    above = np.zeros(len(sizes), np.int64)
    for depth, (rows, byte, new) in enumerate(depths):
      last = sizes[rows] == depth + 1
      if not depth:
        self._first[byte[last]] = ids[rows[last]]
        above[rows] = byte
        continue
      keys = self._arcs(above[rows[new]], byte[new])
      if depth == 1:
        nodes = len(self._keys) + np.arange(len(keys))
        self._second[keys] = nodes
      else:
        nodes = hashing.slots(keys, len(self._keys))
        hashing.claim(self._keys, nodes, keys, free=self._empty)
      above[rows] = nodes[np.cumsum(new) - 1]
      self._piece[above[rows[last]]] = ids[rows[last]]

  def found(
    self, flat: Bytes, begun: Int64s
  ) -> Iterator[tuple[Int64s, int, Int32s]]:
    """Finds all pieces that begin at some places, the shorter ones first.

    Args:
      flat: uint8. Ends with a zero byte, which no piece has.
      begun: int64 [n], the places, before the end.

    Yields:
      which of the n places have a piece of some size, ascending, int64 [m]; the
      size in bytes; and their ids, int32 [m].
    """
    byte = flat.take(begun)
    yield _hits(np.arange(len(begun)), 1, self._first.take(byte))
    pair = byte.astype(np.uint16) << 8 | flat.take(begun + 1)
    at: npt.NDArray[np.integer] = self._second.take(pair)
    (which,) = at.nonzero()
    at, end, size = at.take(which), begun.take(which), 2
    while len(which):
      yield _hits(which, size, self._piece.take(at))
      at, alive = self._step(at, flat.take(end + size))
      which, end = which.take(alive), end.take(alive)
      size += 1

  def found_at(self, string: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Finds the pieces that begin at one place: their ends and ids.

    For a single short string it takes a sixth of the time of `found`.
    """
    if (piece := int(self._first[string[start]])) >= 0:
      yield start + 1, piece
    pair = string[start : start + 2]
    at = int(self._second[int.from_bytes(pair)]) if len(pair) == 2 else 0
    if not at:
      return
    for end in range(start + 2, len(string) + 1):
      if (piece := int(self._piece[at])) >= 0:
        yield end, piece
      if end == len(string):
        return
      key = at << 8 | string[end]
      at = hashing.slot_of(key, self._keys)
      while (there := int(self._keys[at])) != key:
        if there == self._empty:
          return
        at = at + 1 & len(self._keys) - 1

  def _step(
    self, at: npt.NDArray[np.integer], byte: Bytes
  ) -> tuple[Int64s, Int64s]:
    """Moves n walks on by one byte each.

    Args:
      at: integers [n], nodes.
      byte: uint8 [n].

    Returns:
      int64 [m], the new nodes of the m walks that can go on, and int64 [m],
      ascending, which these are.
    """
    key = self._arcs(at, byte)
    slot = hashing.slots(key, len(self._keys))
    there = self._keys.take(slot)
    hit: Bools = there == key
    # A few arcs are not where they hash to but in a slot after it.
    (retry,) = (~hit & (there != self._empty)).nonzero()
    while len(retry):
      slot[retry] = slot[retry] + 1 & len(self._keys) - 1
      there = self._keys[slot[retry]]
      hit[retry] = there == key[retry]
      retry = retry[~hit[retry] & (there != self._empty)]
    (alive,) = hit.nonzero()
    return slot.take(alive), alive

  def _arcs(self, at: npt.NDArray[np.integer], byte: Bytes) -> hashing.Keys:
    """Returns the keys of arcs: nodes, with bytes in the lowest eight bits."""
    keys: hashing.Keys = at.astype(self._keys.dtype)
    keys <<= keys.dtype.type(8)
    keys |= byte
    return keys


def _depths(flat: Bytes, sizes: Int64s) -> Iterator[_Depth]:
  """Finds where sorted pieces part, byte by byte.

  Args:
    flat: uint8, the pieces, one after the other.
    sizes: int64 [n], how many bytes each has.
  """
  # In sorted order, a piece's beginning of some length is a new node if and
  # only if it differs from that of the piece before.
  starts = np.cumsum(sizes) - sizes
  differs = np.zeros(len(sizes), np.bool_)
  differs[:1] = True
  rows: Int64s = np.arange(len(sizes))
  for depth in range(int(sizes.max(initial=0))):
    # A row that does not differ shares the node of the row before it. That one
    # is then at least as long, so it is still among these.
    rows = rows[sizes[rows] > depth]
    byte = flat[starts[rows] + depth]
    before = flat[starts[rows - 1] + np.minimum(depth, sizes[rows - 1] - 1)]
    differs[rows] |= (byte != before) | (sizes[rows - 1] <= depth)
    yield rows, byte, differs[rows]


def _hits(which: Int64s, size: int, ids: Int32s) -> tuple[Int64s, int, Int32s]:
  """Leaves out the walks that are not at a piece."""
  (hit,) = (ids >= 0).nonzero()
  return which.take(hit), size, ids.take(hit)
