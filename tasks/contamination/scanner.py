"""Looks for the grams of an index in text after text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import math

import numpy as np

from ul2_flan.tasks.contamination.characters import (
  WORDS,
  Characters,
  characters_of,
)
from ul2_flan.tasks.contamination.collected import ScriptGrams
from ul2_flan.tasks.contamination.grams import hashes_of
from ul2_flan.tasks.contamination.index import Index
from ul2_flan.tasks.contamination.units import (
  characters_as_units,
  counts_of_scripts,
  words_of,
)
from ul2_flan.tasks.ragged import Int64s, UInt64s

# Characters that are looked at together: what is made of them fits into a
# processor's cache.
_CHARS = 1 << 18


@dataclasses.dataclass(frozen=True, slots=True)
class Hits:
  """Grams that were found.

  Attributes:
    grams: int64 [k], their numbers.
    first: int64 [k], the text that each begins in.
    last: int64 [k], the text that it ends in.
  """

  grams: Int64s
  first: Int64s
  last: Int64s


class Scanner:
  """Looks through texts, whose numbers never fall."""

  def __init__(self, index: Index, *, joined: bool = False):
    """Begins with no text.

    Args:
      index: what to look for.
      joined: whether grams go on from one text to the next, as where documents
        are joined before they are cut.
    """
    self._streams = {
      script: _Stream(grams, joined=joined)
      for script, grams in index.scripts.items()
    }

  def scan(self, texts: Sequence[str], start: int = 0) -> Iterator[Hits]:
    """Looks through texts, which are numbered from `start`."""
    for numbers, parts in _parts(texts, start):
      yield from self.scan_characters(characters_of(parts), numbers)

  def scan_characters(
    self, characters: Characters, numbers: Int64s
  ) -> Iterator[Hits]:
    """Looks through characters of texts, or of parts of them.

    Args:
      characters: of n texts.
      numbers: int64 [n], of the texts; they never fall.
    """
    units = {WORDS: words_of(characters)} if WORDS in self._streams else {}
    if self._streams.keys() - {WORDS}:
      for script, counts in counts_of_scripts(characters).items():
        if script in self._streams:
          units[script] = characters_as_units(characters, counts > 0)
    for script, stream in self._streams.items():
      made = units.get(script)
      if made and len(made.text):
        yield from stream.add(made.hashes, numbers[made.text])
      else:
        stream.forget()  # another text stands between

  @property
  def oldest(self) -> float:
    """The first text that a gram may still begin in; infinite for none."""
    return min((s.oldest for s in self._streams.values()), default=math.inf)


class _Stream:
  """The units of one script, those of one text after the other."""

  def __init__(self, grams: ScriptGrams, *, joined: bool):
    self._grams = grams
    self._joined = joined
    # The last units, with which a gram may begin.
    self._hashes = np.zeros(0, np.uint64)
    self._text = np.zeros(0, np.int64)

  def forget(self) -> None:
    self._hashes, self._text = self._hashes[:0], self._text[:0]

  @property
  def oldest(self) -> float:
    return float(self._text[0]) if len(self._text) else math.inf

  def add(self, hashes: UInt64s, text: Int64s) -> Iterator[Hits]:
    hashes = np.concatenate([self._hashes, hashes])
    text = np.concatenate([self._text, text])
    grams = self._grams
    kept = max(len(hashes) - grams.length + 1, 0)
    self._hashes, self._text = hashes[kept:], text[kept:]
    at, place = grams.table.find(hashes_of(hashes, grams.length))
    yield from self._hits(
      text, at, at + grams.length, grams.numbers[place].astype(np.int64)
    )
    if len(grams.short):
      yield from self._short(hashes, text)

  def _short(self, hashes: UInt64s, text: Int64s) -> Iterator[Hits]:
    """Finds texts that are shorter than a gram, by their heads."""
    grams = self._grams
    at, place = grams.heads.find(hashes_of(hashes, grams.least))
    while len(at):
      length = grams.short_lengths[place]
      whole = at + length <= len(hashes)
      at, place, length = at[whole], place[whole], length[whole]
      for number in np.unique(length).tolist():
        of = length == number
        made = hashes_of_at(hashes, at[of], number)
        same = made == grams.short[place[of]]
        yield from self._hits(
          text,
          at[of][same],
          at[of][same] + number,
          grams.short_numbers[place[of]][same].astype(np.int64),
        )
      # Other texts may begin alike.
      more = place + 1 < len(grams.short)
      at, place = at[more], place[more]
      alike = grams.heads.hashes[place + 1] == grams.heads.hashes[place]
      at, place = at[alike], place[alike] + 1

  def _hits(
    self, text: Int64s, start: Int64s, stop: Int64s, numbers: Int64s
  ) -> Iterator[Hits]:
    first, last = text[start], text[stop - 1]
    if not self._joined:
      same = first == last
      first, last, numbers = first[same], last[same], numbers[same]
    if len(numbers):
      yield Hits(numbers, first, last)


def hashes_of_at(units: UInt64s, at: Int64s, length: int) -> UInt64s:
  """Hashes the grams that begin at some places: uint64 [k]."""
  if not len(at):
    return np.zeros(0, np.uint64)
  rows = units[at[:, None] + np.arange(length)]
  return np.array([hashes_of(row, length)[0] for row in rows], np.uint64)


def _parts(
  texts: Sequence[str], start: int
) -> Iterator[tuple[Int64s, list[str]]]:
  """Divides texts into blocks of about `_CHARS`, and long texts into parts.

  A part ends before white space, if there is some in its second half.
  """
  numbers: list[int] = []
  parts: list[str] = []
  size = 0
  for number, text in enumerate(texts, start):
    at = 0
    while at < len(text):
      end = at + _CHARS
      if end < len(text):
        space = max(text.rfind(c, at + _CHARS // 2, end) for c in ' \n\t')
        end = space if space > 0 else end
      numbers.append(number)
      parts.append(text[at:end])
      size += len(parts[-1])
      at = end
      if size >= _CHARS:
        yield np.array(numbers, np.int64), parts
        numbers, parts, size = [], [], 0
  if parts:
    yield np.array(numbers, np.int64), parts
