"""Documents joined in one buffer, and the numbers of their units.

`Chunk` cuts documents into units and looks these up; `NewUnits` gathers what
several chunks have that is not known, each unit once, and numbers it.
"""

from collections.abc import Mapping, Sequence
import itertools

import numpy as np

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, UInt64s, offsets_of
from ul2_flan.tasks.vocabulary.word_cache import hashing
from ul2_flan.tasks.vocabulary.word_cache import units as lib
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.store import UNFIT, Store
from ul2_flan.tasks.vocabulary.word_cache.units import MAX_KEY_BYTES, Units


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
    self, data: bytes, sizes: Int64s, documents: list[int], kinds: bytes
  ):
    """Cuts documents into units.

    Args:
      data: UTF-8 without zero bytes, with a newline before and after each
        document; then `PADDING` zero bytes.
      sizes: int64 [documents], in bytes.
      documents: their places in the block.
      kinds: the kind of each byte, see `units.split`.
    """
    self.documents = documents
    self._data = data
    self._units = lib.split(self._data, kinds)
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

  def strings(self, which: Int64s) -> list[bytes]:
    """Returns some of the units, with a space before the first of a word.

    Args:
      which: int64, places among the chunk's units; so in the methods below.
    """
    return list(self.joined(which))

  def joined(self, which: Int64s) -> Joined:
    """Returns some of the units, as `strings` does."""
    # White space comes before each unit that is first in its word.
    first = self._units.first[which]
    sizes = self._units.sizes[which] + first
    begins = offsets_of(sizes + 1)[:-1]
    source = np.repeat(self._units.starts[which] - first - begins, sizes + 1)
    source += np.arange(len(source))
    flat = np.frombuffer(self._data, np.uint8).take(source)
    flat[begins[first]] = ord(' ')
    flat[begins + sizes] = 0
    return Joined(flat, sizes, begins)

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
    plain: those that the normaliser leaves as they are, as `Chunk.strings` has
      them; only such that have keys.
    others: all others.
  """

  def __init__(self, chunks: Sequence[Chunk], plain: bytes):
    """Gathers units.

    Args:
      chunks: have been looked up.
      plain: the bytes that the normaliser leaves as they are.
    """
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
    # Where each chunk's units lie among those of all.
    bounds = offsets_of(np.array([len(s) for s in self._short], np.int64))
    self._spans = list(itertools.pairwise(bounds.tolist()))
    with_key = Joined.concatenated(
      [
        chunk.joined(short[chosen[slice(*chosen.searchsorted(span))] - span[0]])
        for chunk, short, span in zip(
          chunks, self._short, self._spans, strict=True
        )
      ]
    )
    self._is_plain = with_key.all_of(plain + b' ')
    self._long_strings = list(
      dict.fromkeys(
        string
        for chunk, long in zip(chunks, self._long, strict=True)
        for string in chunk.strings(long)
      )
    )
    self.plain = with_key.chosen(self._is_plain)
    not_plain = with_key.chosen(~self._is_plain)
    self.others: list[bytes] = [*not_plain, *self._long_strings]

  def __len__(self) -> int:
    return len(self.plain) + len(self.others)

  def number(self, store: Store, normal: Sequence[bytes | None]) -> None:
    """Adds the units to a store, and sets their numbers in the chunks.

    Args:
      store: has room for them.
      normal: for each of `others`, the string to segment, or None if the unit
        is not for the cache; it then gets the number `UNFIT`.
    """
    fit = np.array([n is not None for n in normal], np.bool_)
    others = Joined.of([n for n in normal if n is not None])
    added = store.add(Joined.concatenated([self.plain, others]))
    numbers = np.full(len(normal), UNFIT, np.int32)
    numbers[fit] = added[len(self.plain) :]
    split = len(numbers) - len(self._long_strings)
    with_key = np.empty(len(self._low), np.int32)
    with_key[self._is_plain] = added[: len(self.plain)]
    with_key[~self._is_plain] = numbers[:split]
    known = with_key != UNFIT
    store.numbering.add(self._low[known], self._high[known], with_key[known])
    without_key = numbers[split:].tolist()
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
  # A hash table whose slots have one key's place each. Equal keys come to the
  # same slots, of which the first is free or has one of them.
  table = np.full(hashing.size_for(len(low)), -1, np.int64)
  slot = hashing.slots(lib.mix(low, high), len(table))
  one = np.empty(len(low), np.int64)
  todo: Int64s = np.arange(len(low))
  while len(todo):
    at = slot[todo]
    (free,) = (table[at] < 0).nonzero()
    # The first of equal keys, since NumPy stores the last: then words that are
    # frequent get low numbers, and what is known of them lies close together.
    free = free[::-1]
    table[at[free]] = todo[free]
    one[todo] = there = table[at]
    todo = todo[(low[there] != low[todo]) | (high[there] != high[todo])]
    slot[todo] = slot[todo] + 1 & len(table) - 1
  is_chosen = one == np.arange(len(low))
  number = np.cumsum(is_chosen) - 1
  return number.take(one), np.flatnonzero(is_chosen)
