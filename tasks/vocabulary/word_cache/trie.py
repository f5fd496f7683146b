"""A trie of pieces that many strings walk at once, in NumPy.

The arcs lie in a hash table, from (node, byte) to the next node: a step of n
strings is one look-up of n keys, whatever the number of pieces.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ul2_flan.tasks.ragged import Bools, Bytes, Int32s, Int64s
from ul2_flan.tasks.vocabulary.word_cache import hashing


class Trie:
  """Finds the pieces that begin at a place, byte by byte.

  A state is the number of a node; the root is 0.

  Attributes:
    piece: int32 [nodes], the id of the piece that ends at the node, or -1.

  >>> trie = Trie([b'a', b'ab'], np.array([5, 6]))
  >>> at = np.zeros(2, np.int32)
  >>> at, alive = trie.step(at, np.frombuffer(b'ax', np.uint8))
  >>> trie.piece[at].tolist(), alive.tolist()
  ([5], [0])
  """

  def __init__(self, pieces: Sequence[bytes], ids: npt.NDArray[np.integer]):
    """Builds the trie, one depth after the other.

    Args:
      pieces: n distinct ones, none of them empty or with a zero byte.
      ids: integers [n].
    """
    # In sorted order, a piece's prefix of some length is a new node if and only
    # if it differs from that of the piece before.
    order = sorted(range(len(pieces)), key=pieces.__getitem__)
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces))[order]
    sorted_ids = np.asarray(ids, np.int32)[order]
    flat = np.frombuffer(b''.join([pieces[i] for i in order]), np.uint8)
    starts = np.cumsum(sizes) - sizes
    self.piece: Int32s = np.full(len(flat) + 1, -1, np.int32)
    keys, children = [], []
    differs = np.zeros(len(order), np.bool_)
    differs[0] = True
    above = np.zeros(len(order), np.int64)
    count = 1
    rows: Int64s = np.arange(len(order))
    for depth in range(int(sizes.max())):
      # A row that does not differ shares the node of the row before it. That
      # one is then at least as long, so it is still among these.
      rows = rows[sizes[rows] > depth]
      byte = flat[starts[rows] + depth]
      byte_before = flat[
        starts[rows - 1] + np.minimum(depth, sizes[rows - 1] - 1)
      ]
      differs[rows] |= (byte != byte_before) | (sizes[rows - 1] <= depth)
      new = differs[rows]
      keys.append(_arc(above[rows[new]], byte[new]))
      number = np.cumsum(new) + (count - 1)
      children.append(number[new])
      count += len(children[-1])
      above[rows] = number
      last = sizes[rows] == depth + 1
      self.piece[number[last]] = sorted_ids[rows[last]]
    self.piece = self.piece[:count].copy()
    self._keys, self._children = hashing.place(
      np.concatenate(keys), np.concatenate(children).astype(np.int32)
    )

  def step(self, at: Int32s, byte: Bytes) -> tuple[Int32s, Int64s]:
    """Moves n walks on by one byte each.

    Args:
      at: int32 [n], states.
      byte: uint8 [n].

    Returns:
      int32 [m], the new states of the m walks that can go on, and int64 [m],
      ascending, which these are.
    """
    key = _arc(at, byte)
    slot = hashing.slots(key, len(self._keys))
    there = self._keys.take(slot)
    hit: Bools = there == key
    # A few arcs are not where they hash to but in a slot after it.
    (retry,) = (~hit & (there != hashing.EMPTY)).nonzero()
    while len(retry):
      slot[retry] = slot[retry] + 1 & len(self._keys) - 1
      there = self._keys[slot[retry]]
      hit[retry] = there == key[retry]
      retry = retry[~hit[retry] & (there != hashing.EMPTY)]
    (alive,) = hit.nonzero()
    return self._children.take(slot.take(alive)), alive


def _arc(at: npt.NDArray[np.integer], byte: Bytes) -> npt.NDArray[np.uint64]:
  """Returns the keys of arcs: nodes, with bytes in the lowest eight bits."""
  return at.astype(np.uint64) << np.uint64(8) | byte
