"""Documents joined in one buffer, and the numbers of their units.

`Chunk` cuts documents into units and looks these up; `NewUnits` gathers what
several chunks have that is not known, each unit once, and numbers it.
"""

from collections.abc import Mapping, Sequence
import itertools

import numpy as np

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, UInt64s, offsets_of
from ul2_flan.tasks.vocabulary.word_cache import units as lib
from ul2_flan.tasks.vocabulary.word_cache.store import UNFIT, Store
from ul2_flan.tasks.vocabulary.word_cache.units import (
  MAX_KEY_BYTES,
  PADDING,
  Units,
)


class Chunk:
  """Some documents of a block, cut into units.

  Attributes:
    documents: their places in the block.
    bounds: int64 [documents + 1], where each document's units begin.
    numbers: int64 [units], the units' numbers in the store, -1 for those that
      are new. Empty until `look_up`.
    new: int64, ascending, which units are new.
  """

  def __init__(
    self, texts: Sequence[bytes], documents: list[int], kinds: bytes
  ):
    """Cuts documents into units.

    Args:
      texts: UTF-8, without zero bytes.
      documents: their places in the block.
      kinds: the kind of each byte, see `units.split`.
    """
    self.documents = documents
    # A newline before and after each, as white space parts units.
    self._data = b'\n'.join([b'', *texts, bytes(PADDING)])
    self._units = lib.split(self._data, kinds)
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = offsets_of(sizes + 1)
    self.bounds: Int64s = np.searchsorted(self._units.starts, ends)
    self.numbers: Int64s = np.zeros(0, np.int64)
    self.new: Int64s = np.zeros(0, np.int64)

  def look_up(self, store: Store) -> None:
    """Sets the numbers of the units that the store knows."""
    keys = lib.keys(self._data, self._units)
    # NumPy indexes with int64, and would convert other types at each use.
    self.numbers = store.numbering.find(keys).astype(np.int64)
    long = keys.long[self.is_long(keys.long)]
    for i, string in zip(long.tolist(), self.strings(long), strict=True):
      self.numbers[i] = store.long.get(string, -1)
    self.new = np.flatnonzero(self.numbers < 0)

  def strings(self, which: Int64s) -> list[tuple[bool, bytes]]:
    """Returns some of the units: whether first in a word, and their bytes.

    Args:
      which: int64, places among the chunk's units; so in the methods below.
    """
    starts = self._units.starts[which]
    ends = starts + self._units.sizes[which]
    data = self._data
    return [
      (first, data[start:end])
      for first, start, end in zip(
        self._units.first[which].tolist(),
        starts.tolist(),
        ends.tolist(),
        strict=True,
      )
    ]

  def keys(self, which: Int64s) -> tuple[UInt64s, UInt64s]:
    """Returns the keys of some units: their low words and their high ones."""
    units = self._units
    keys = lib.keys(
      self._data,
      Units(units.starts[which], units.sizes[which], units.first[which]),
    )
    return keys.low, keys.all_high()

  def is_long(self, which: Int64s) -> np.typing.NDArray[np.bool_]:
    """Tells which of some units are too long for a key."""
    return self._units.sizes[which] > MAX_KEY_BYTES

  def documents_of(self, which: Int64s) -> Int64s:
    """Returns the documents of some units, by their places in the chunk."""
    return np.searchsorted(self.bounds, which, 'right') - 1

  def add_ids(
    self,
    ids: Ragged,
    others: Mapping[int, Int32s | None],
    runs: dict[int, Int32s],
    lengths: Int64s,
  ) -> None:
    """Adds the ids of the documents to those of a block.

    Arrays for single documents would take a third more time. So documents that
    follow one another share one, but for those that are among `others`.

    Args:
      ids: of each document.
      others: the ids to take instead for some, None for none, by their places
        in the chunk.
      runs: gets the ids of each run of documents, by its first one's place.
      lengths: gets how many ids each document has, -1 for none.
    """
    documents = np.array(self.documents)
    lengths[documents] = ids.lengths
    bounds = np.ones(len(documents) + 1, np.bool_)
    bounds[1:-1] = np.diff(documents) != 1
    for k, its_ids in others.items():
      bounds[k : k + 2] = True
      lengths[self.documents[k]] = -1 if its_ids is None else len(its_ids)
    for k, stop in itertools.pairwise(np.flatnonzero(bounds).tolist()):
      run = others[k] if k in others else ids.slice(k, stop).values
      if run is not None:
        runs[self.documents[k]] = run


class NewUnits:
  """The units of several chunks that have no number, each of them once.

  Attributes:
    strings: of each, whether it is first in a word, and its bytes. Units with
      keys come first, then longer ones.
  """

  def __init__(self, chunks: Sequence[Chunk]):
    self._chunks = chunks
    self._short: list[Int64s] = []
    self._long: list[Int64s] = []
    for chunk in chunks:
      new = chunk.new
      is_long = chunk.is_long(new)
      self._short.append(new[~is_long])
      self._long.append(new[is_long])
    keys = [c.keys(s) for c, s in zip(chunks, self._short, strict=True)]
    low = np.concatenate([k for k, _ in keys] or [np.zeros(0, np.uint64)])
    high = np.concatenate([k for _, k in keys] or [np.zeros(0, np.uint64)])
    self._which, chosen = _distinct(low, high)
    self._low, self._high = low[chosen], high[chosen]
    self.strings: list[tuple[bool, bytes]] = []
    # Where each chunk's units lie among those of all.
    bounds = offsets_of(np.array([len(s) for s in self._short], np.int64))
    self._spans = list(itertools.pairwise(bounds.tolist()))
    for chunk, short, span in zip(
      chunks, self._short, self._spans, strict=True
    ):
      inside = chosen[slice(*np.searchsorted(chosen, span))]
      self.strings += chunk.strings(short[inside - span[0]])
    self._long_strings = list(
      dict.fromkeys(
        string
        for chunk, long in zip(chunks, self._long, strict=True)
        for string in chunk.strings(long)
      )
    )
    self.strings += self._long_strings

  def number(self, store: Store, normal: Sequence[bytes | None]) -> None:
    """Adds the units to a store, and sets their numbers in the chunks.

    Args:
      store: has room for them.
      normal: for each of `strings`, the string to segment, or None if the unit
        is not for the cache; it then gets the number `UNFIT`.
    """
    fit = np.array([n is not None for n in normal], np.bool_)
    numbers = np.full(len(normal), UNFIT, np.int32)
    numbers[fit] = store.add([n for n in normal if n is not None])
    with_key = numbers[: len(self._low)]
    known = with_key != UNFIT
    store.numbering.add(self._low[known], self._high[known], with_key[known])
    without_key = numbers[len(self._low) :].tolist()
    number_of = dict(zip(self._long_strings, without_key, strict=True))
    # Units that are not fit are not kept, as there is no bound to their number.
    store.long |= {s: n for s, n in number_of.items() if n != UNFIT}
    for chunk, short, long, span in zip(
      self._chunks, self._short, self._long, self._spans, strict=True
    ):
      chunk.numbers[short] = with_key[self._which[slice(*span)]]
      chunk.numbers[long] = [number_of[s] for s in chunk.strings(long)]
      chunk.new = chunk.new[:0]


def _distinct(low: UInt64s, high: UInt64s) -> tuple[Int64s, Int64s]:
  """Finds the different keys among n.

  Returns:
    int64 [n], which of the different keys each is, and int64 [different keys],
    ascending, where among the n one of each is.
  """
  # Sort by a hash, so that equal keys come together. Should a different key of
  # the same hash come between, a unit gets two numbers, which is harmless: it
  # has the same pieces under both.
  order = np.argsort(lib.mix(low, high))
  low, high = low[order], high[order]
  is_first = np.ones(len(order), np.bool_)
  is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
  firsts = order[is_first]
  chosen = np.sort(firsts)
  which = np.empty(len(order), np.int64)
  which[order] = np.searchsorted(chosen, firsts)[np.cumsum(is_first) - 1]
  return which, chosen
