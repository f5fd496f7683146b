"""Encodes blocks of documents by looking their units up.

`WordCache.encode` numbers the units of documents, segments the new ones, and
joins the ids of all. Why the ids are exact stands in the package's docstring;
this module also decides when the cache is worth its while. Looking a unit up
costs about a twentieth of segmenting a new one.
"""

from collections.abc import Callable, Sequence

import numpy as np
import sentencepiece

from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary.word_cache.chunks import Chunk, NewUnits
from ul2_flan.tasks.vocabulary.word_cache.documents import chunks_of
from ul2_flan.tasks.vocabulary.word_cache.lattice import MAX_BYTES
from ul2_flan.tasks.vocabulary.word_cache.replay import RESET_BELOW
from ul2_flan.tasks.vocabulary.word_cache.rounding import settle
from ul2_flan.tasks.vocabulary.word_cache.rules import WORD_MARK, Rules
from ul2_flan.tasks.vocabulary.word_cache.store import FALL_PARTS, UNFIT, Store
from ul2_flan.tasks.vocabulary.word_cache.units import LETTER, MARK

# Different units that are kept, of some 60 bytes each: more than a gigabyte of
# English text has.
CAPACITY = 1 << 19

# A block goes to SentencePiece if more than one unit in so many is new:
# segmenting costs some twenty times what looking up costs, and half of what it
# costs SentencePiece.
_NEW_SHARE = 6

# After such a block, the next goes to SentencePiece untried; after the second
# in a row the next two; then four, and so on up to this many.
_LONGEST_PAUSE = 64


class WordCache:
  """Encodes documents with one model, and remembers their units.

  Not for several threads at once.
  """

  def __init__(
    self,
    rules: Rules,
    processor: sentencepiece.SentencePieceProcessor,
    capacity: int = CAPACITY,
  ):
    self._rules = rules
    self._processor = processor
    self._capacity = capacity
    self._store = Store(rules.lattice, capacity)
    # How many blocks are yet to go to SentencePiece untried, and how many will
    # after the next block that is not worth looking up.
    self._pause = 0
    self._next_pause = 1
    # Bytes that the normaliser leaves as they are.
    self._plain = bytes(
      i for i in range(256) if rules.kinds[i] in (LETTER, MARK)
    )

  def encode(
    self,
    texts: Sequence[str],
    directly: Callable[[Sequence[str]], list[Int32s]],
  ) -> Ragged:
    """Returns the ids of n texts, without EOS, as SentencePiece gives them.

    Args:
      texts: n of them.
      directly: encodes texts with SentencePiece itself.
    """
    if self._pause:
      self._pause -= 1
      return Ragged.of(directly(texts))
    chunks = list(chunks_of(texts, self._rules))
    if not self._number_units(chunks):
      self._pause = self._next_pause
      self._next_pause = min(2 * self._next_pause, _LONGEST_PAUSE)
      if len(self._store) > self._capacity // 2:
        self._store = Store(self._rules.lattice, self._capacity)
      return Ragged.of(directly(texts))
    self._next_pause = 1
    # The ids of documents that follow one another, by the first of them; and of
    # each document how many, -1 as long as it has none.
    runs: dict[int, Int32s] = {}
    lengths: Int64s = np.full(len(texts), -1, np.int64)
    for chunk in chunks:
      chunk.add_ids(*self._ids(chunk), runs, lengths)
    if rest := np.flatnonzero(lengths < 0).tolist():
      encoded = directly([texts[i] for i in rest])
      runs.update(zip(rest, encoded, strict=True))
      lengths[rest] = list(map(len, encoded))
    values = [np.zeros(0, np.int32), *(runs[i] for i in sorted(runs))]
    return self._merged(Ragged(np.concatenate(values), offsets_of(lengths)))

  def _number_units(self, chunks: list[Chunk]) -> bool:
    """Numbers the units of a block; False if that is not worth its while."""
    for chunk in chunks:
      chunk.look_up(self._store)
      # If the text is unlike any before, learn from this chunk what the next
      # ones repeat; otherwise, learn from all chunks at once, below.
      many = len(chunk.new) * _NEW_SHARE > len(chunk.numbers)
      if many and not self._learn([chunk]):
        return False
    return self._learn(chunks)

  def _learn(self, chunks: list[Chunk]) -> bool:
    """Numbers the new units of some chunks; False if they are too many."""
    if not any(len(chunk.new) for chunk in chunks):
      return True
    new = NewUnits(chunks, self._plain)
    if len(new) * _NEW_SHARE > sum(len(c.numbers) for c in chunks):
      return False
    if len(self._store) + len(new) > self._store.capacity:
      return False
    new.number(self._store, [self._normal(unit) for unit in new.others])
    return True

  def _normal(self, unit: bytes) -> bytes | None:
    """Normalises a unit for the lattice; None if it is not for the cache.

    Args:
      unit: its bytes, with a space before if it is first in its word.
    """
    mark = unit[: unit.startswith(b' ')]
    word = unit[len(mark) :]
    if not word.translate(None, self._plain):
      return unit if len(unit) <= MAX_BYTES else None
    became = self._processor.normalize(word.decode())
    text = became.removeprefix(WORD_MARK).replace(WORD_MARK, ' ').encode()
    if self._rules.user_defined and text != word:
      # Normalised, the text might have a user-defined piece around here that
      # `documents` did not see.
      return None
    normal = (mark if text else b'') + text
    return normal if len(normal) <= MAX_BYTES else None

  def _ids(self, chunk: Chunk) -> tuple[Ragged, dict[int, Int32s | None]]:
    """Looks up the ids of a chunk's documents.

    Returns:
      the ids of their units; and the ids of documents for which these do not
      hold, by their places in the chunk: None where one turned out not to be
      for the cache.
    """
    store = self._store
    numbers = chunk.numbers
    pieces, falls, marked = store.pieces(numbers)
    offsets = pieces.offsets
    ids = Ragged(pieces.values, offsets[chunk.bounds])
    is_unfit = numbers.take(marked) == UNFIT
    unfit = set(chunk.documents_of(marked[is_unfit]).tolist())
    if self._rules.bytes_of_unknown:
      places = np.flatnonzero(ids.values == self._rules.lattice.unk_id)
      places = np.searchsorted(offsets, places, 'right') - 1
      unfit |= set(chunk.documents_of(places).tolist())
    others: dict[int, Int32s | None] = dict.fromkeys(unfit)
    ends, units = self._unsure(chunk, falls, marked[~is_unfit])
    store.list_edges(numbers.take(units).tolist())
    for k in ends.keys() - unfit:
      start, stop = int(chunk.bounds[k]), ends[k]
      inside = units[slice(*np.searchsorted(units, (start, stop)))]
      places = offsets[start : stop + 1] - offsets[start]
      if changes := settle(
        store, numbers[start:stop], ids[k], places, inside - start
      ):
        others[k] = _changed(ids[k], places, changes)
    return ids, others

  def _unsure(
    self, chunk: Chunk, falls: Int64s, doubtful: Int64s
  ) -> tuple[dict[int, int], Int64s]:
    """Finds where in a chunk rounding might change a segmentation.

    Args:
      chunk: has its numbers.
      falls: of its units, as `Store.pieces` gives them.
      doubtful: the units that are not safe at every spacing.

    Returns:
      by the places of documents in the chunk, up to which unit they are to be
      settled; and those of the doubtful units that are not safe in their
      documents.
    """
    store = self._store
    # Sums fall along a document, so its total, and what its last unit may dip
    # below that, bounds their size. The factor is for SentencePiece's rounding.
    # To a document without units `reduceat` gives the next unit, and raises if
    # there is none; too low a sum does no harm.
    sums = np.zeros(len(chunk.documents))
    begins = chunk.bounds[: np.searchsorted(chunk.bounds, len(falls))]
    sums[: len(begins)] = np.add.reduceat(falls, begins)
    lowest = sums * (-1.001 / FALL_PARTS) + store.deepest
    is_deep = lowest < RESET_BELOW
    documents = chunk.documents_of(doubtful)
    spacing = np.spacing((-lowest[documents]).astype(np.float32))
    safe = store.safe.take(chunk.numbers.take(doubtful))
    is_unsure = is_deep.take(documents) | (safe <= spacing)
    units = doubtful[is_unsure]
    # Of several units of a document, the last one stays.
    ends = dict(
      zip(documents[is_unsure].tolist(), (units + 1).tolist(), strict=True)
    )
    # Where sums are begun anew, any unit may be the one where that happens.
    deep = np.flatnonzero(is_deep)
    ends |= zip(deep.tolist(), chunk.bounds[deep + 1].tolist(), strict=True)
    return ends, units

  def _merged(self, ids: Ragged) -> Ragged:
    """Makes one unknown id of several in a row, as SentencePiece does.

    Documents that SentencePiece encoded itself do not change.
    """
    if self._rules.bytes_of_unknown:
      return ids
    unknown = np.flatnonzero(ids.values == self._rules.lattice.unk_id)
    again = unknown[1:][np.diff(unknown) == 1]
    # The first id of a document does not follow the last of another.
    before = np.searchsorted(ids.offsets, again)
    again = again[ids.offsets.take(before) != again]
    if not len(again):
      return ids
    kept = np.ones(len(ids.values), np.bool_)
    kept[again] = False
    gone = np.searchsorted(again, ids.offsets)
    return Ragged(ids.values[kept], ids.offsets - gone)


def _changed(
  ids: Int32s, offsets: Int64s, changes: list[tuple[int, list[int]]]
) -> Int32s:
  """Returns the ids of a document with those of some units replaced.

  Args:
    ids: int32, the document's.
    offsets: int64 [units + 1], where each unit's ids begin.
    changes: units in ascending order, and their new ids.
  """
  parts = []
  done = 0
  for unit, other in changes:
    parts += [ids[done : offsets[unit]], np.array(other, np.int32)]
    done = offsets[unit + 1]
  return np.concatenate([*parts, ids[done:]])
