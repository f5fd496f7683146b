"""Says of each text which items it touches, and by how many grams."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ul2_flan.pipelines.contamination.texts import Block
from ul2_flan.tasks.contamination import Hits, Index
from ul2_flan.tasks.contamination.arrays import sorted_by
from ul2_flan.tasks.ragged import Bools, Int64s, Ragged, offsets_of


def inverse(of: Ragged, count: int) -> Ragged:
  """Turns a relation around.

  >>> turned = inverse(Ragged.of([[0, 2], [2]]), 3)
  >>> [owners.tolist() for owners in turned]
  [[0], [], [0, 1]]

  Args:
    of: for each owner, numbers below `count`.
    count: how many there may be.

  Returns:
    for each number its owners, which rise.
  """
  owners = np.repeat(np.arange(len(of), dtype=np.int32), of.lengths)
  counts = np.bincount(of.values, minlength=count)
  return Ragged(sorted_by(owners, of.values), offsets_of(counts))


def intervals(marked: Bools) -> list[list[int]]:
  """Returns where marks stand, as [start, stop) of each stretch.

  >>> intervals(np.array([False, True, True, False, True]))
  [[1, 3], [4, 5]]
  """
  edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
  return edges.reshape(-1, 2).tolist()


class Touched:
  """The items that grams are of."""

  def __init__(self, index: Index):
    """Turns the relations of an index around."""
    self._index = index
    self._texts = inverse(index.text_grams, index.grams)
    self._items = inverse(index.item_texts, len(index.text_grams))

  def lines(
    self,
    task: str,
    hits: Sequence[Hits],
    blocks: Sequence[tuple[int, Block]],
    marked: Bools,
  ) -> list[dict[str, Any]]:
    """Makes a line for each text of some blocks that is touched.

    Args:
      task: the training task that the texts are of.
      hits: grams that they have.
      blocks: the number of the first text of each, and the block.
      marked: bool [grams], where the grams are marked.
    """
    if not hits:
      return []
    grams = np.concatenate([hit.grams for hit in hits])
    marked[grams] = True
    first, last = (
      np.concatenate([getattr(hit, end) for hit in hits])
      for end in ('first', 'last')
    )
    pairs = np.unique(
      np.stack([np.r_[first, last], np.r_[grams, grams]]), axis=1
    )
    lines = []
    for number, counts in self._by_text(*pairs).items():
      start, block = next(b for b in reversed(blocks) if b[0] <= number)
      place = block.place(number - start)
      items = [
        {'task': item.task, 'id': item.id, 'grams': count}
        for index, count in counts.items()
        for item in [self._index.items[index]]
      ]
      lines.append(
        {'key': place.key, 'task': task, 'place': place.where, 'items': items}
      )
    return lines

  def _by_text(self, text: Int64s, grams: Int64s) -> dict[int, dict[int, int]]:
    """Counts the grams of each item in each training text.

    An item with several texts counts that of which the most grams are there.
    """
    owner, of = self.texts_of(text, grams)
    pairs, counts = np.unique(np.stack([owner, of]), axis=1, return_counts=True)
    found: dict[int, dict[int, int]] = {}
    for number, item_text, count in zip(
      *pairs.tolist(), counts.tolist(), strict=True
    ):
      of_text = found.setdefault(number, {})
      for item in self._items[item_text].tolist():
        of_text[item] = max(of_text.get(item, 0), count)
    return found

  def texts_of(self, owner: Int64s, grams: Int64s) -> tuple[Int64s, Int64s]:
    """Returns the items' texts that grams are of, each with its gram's owner.

    Args:
      owner: int64 [n].
      grams: int64 [n].

    Returns:
      int64 [m] and int64 [m].
    """
    taken = self._texts.take(grams)
    return np.repeat(owner, taken.lengths), taken.values.astype(np.int64)

  def items_of(self, texts: Int64s) -> Int64s:
    """Returns the items that have some texts: int64 [k], rising."""
    return np.unique(self._items.take(texts).values).astype(np.int64)
