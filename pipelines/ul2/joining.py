"""Joins documents before they are cut, so that segments are full.

T5 joins 128 documents at a time (`reduce_concat_tokens`), and so does the code
of UL2's appendix 9.2. Nothing stands between two documents. A document that is
cut alone ends in a short segment, and a segment short enough for one span has
that span at its end, always.

Documents are joined in the order of their files, within one part of a work
item, so the groups do not depend on how blocks divide the sources.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.ul2.documents import Documents
from ul2_flan.tasks import seeding
from ul2_flan.tasks.denoising import Segments
from ul2_flan.tasks.ragged import (
  Bools,
  Int64s,
  Ragged,
  UInt64s,
  offsets_of,
  position_in,
)

# A group is full with so many tokens too: no worker holds 128 books at once.
# (T5 takes at most 65,536 tokens of a document for that.)
MAX_TOKENS = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Groups:
  """Groups of documents; each group is cut as if it were one document.

  Attributes:
    documents: n documents, those of a group one after the other.
    names: of each document: its file and its place there.
    first: int64 [g + 1], the first document of each group, and n.
    keys: uint64 [g], what the random numbers of a group depend on.
    is_validation: bool [g]; all documents of a group are in the same split.
  """

  documents: Ragged
  names: Sequence[bytes]
  first: Int64s
  keys: UInt64s
  is_validation: Bools

  @property
  def tokens(self) -> Ragged:
    """The tokens of the g groups."""
    return Ragged(self.documents.values, self.documents.offsets[self.first])

  def num_used(self, used: Int64s) -> int:
    """Counts the documents of which at least one token is in a segment.

    Args:
      used: int64 [g], how many tokens of each group are in segments; these are
        its first ones.
    """
    group = np.repeat(np.arange(len(self.keys)), np.diff(self.first))
    starts = self.documents.offsets[:-1]
    before = starts - starts[self.first[:-1]][group]
    is_used = (before < used[group]) & (self.documents.lengths > 0)
    return int(is_used.sum())

  def sources(self, segments: Segments) -> list[bytes]:
    """Names what each segment consists of.

    Returns:
      for each segment a line for each of its documents, `<file>:<place>[i:j]`:
      it has the document's tokens from i on and before j.
    """
    ends = self.documents.offsets
    starts = self.tokens.offsets[segments.document] + segments.start
    stops = starts + segments.tokens.lengths
    first = np.searchsorted(ends, starts, side='right') - 1
    last = np.searchsorted(ends, stops, side='left')
    places = ends.tolist()
    return [
      b'\n'.join(
        b'%s[%d:%d]'
        % (
          self.names[i],
          max(start, places[i]) - places[i],
          min(stop, places[i + 1]) - places[i],
        )
        for i in range(a, b)
        if places[i] < places[i + 1]  # a document may have no token
      )
      for start, stop, a, b in zip(
        *(x.tolist() for x in (starts, stops, first, last)), strict=True
      )
    ]


class Joiner:
  """Makes groups of documents that it is given block by block."""

  def __init__(self, most: int):
    """Begins with no document.

    Args:
      most: how many documents a group has at most; 0 for groups of one.
    """
    self._most = most
    # Of each split, what is in no full group yet.
    none = _Documents(Ragged.of([]), np.zeros(0, np.uint64), [])
    self._waiting = [none, none]

  def add(
    self, documents: Documents, tokens: Ragged, is_validation: Bools
  ) -> list[Groups]:
    """Takes the documents of a block, and returns the groups that are full.

    Args:
      documents: n of them.
      tokens: of each document.
      is_validation: bool [n]. Documents of both splits are never joined.
    """
    names = [
      b'%s:%d' % (documents.source.encode(), i) for i in documents.places
    ]
    given = _Documents(tokens, documents.keys, names)
    if not self._most:
      first = np.arange(len(names) + 1)
      return [Groups(tokens, names, first, documents.keys, is_validation)]
    groups = []
    for split, chosen in enumerate((~is_validation, is_validation)):
      waiting = self._waiting[split].followed_by(given.only(chosen))
      ends = _full_groups(waiting.tokens.offsets, self._most)
      groups.append(waiting.joined(ends, is_validation=split == 1))
      self._waiting[split] = waiting.after(ends[-1])
    return groups

  def rest(self) -> list[Groups]:
    """Returns the groups of the documents that are left when all are read."""
    return [
      left.joined(
        np.array(sorted({0, len(left.names)})), is_validation=split == 1
      )
      for split, left in enumerate(self._waiting)
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Documents:
  """Documents of one split, as tokens, with their keys and names."""

  tokens: Ragged
  keys: UInt64s
  names: list[bytes]

  def only(self, chosen: Bools) -> _Documents:
    """Returns those documents of n that are chosen: bool [n]."""
    if chosen.all():
      return self
    lengths = self.tokens.lengths
    return _Documents(
      Ragged(
        self.tokens.values[np.repeat(chosen, lengths)],
        offsets_of(lengths[chosen]),
      ),
      self.keys[chosen],
      [self.names[i] for i in np.flatnonzero(chosen).tolist()],
    )

  def followed_by(self, other: _Documents) -> _Documents:
    if not self.names:
      return other
    tokens = self.tokens
    return _Documents(
      Ragged(
        np.concatenate([tokens.values, other.tokens.values]),
        np.concatenate(
          [tokens.offsets, tokens.offsets[-1] + other.tokens.offsets[1:]]
        ),
      ),
      np.concatenate([self.keys, other.keys]),
      self.names + other.names,
    )

  def after(self, start: int) -> _Documents:
    """Returns the documents from `start` on, without what is before them."""
    tokens = self.tokens.slice(start, len(self.names))
    return _Documents(
      Ragged(tokens.values.copy(), tokens.offsets),
      self.keys[start:],
      self.names[start:],
    )

  def joined(self, first: Int64s, *, is_validation: bool) -> Groups:
    """Makes groups of the first documents; `first` is that of `Groups`."""
    n = int(first[-1])
    # A group's key is of all its documents: two groups may begin alike.
    keys = seeding.child_keys(self.keys[:n], position_in(first))
    return Groups(
      self.tokens.slice(0, n),
      self.names[:n],
      first,
      np.add.reduceat(keys, first[:-1]) if n else keys,
      np.full(len(first) - 1, is_validation),
    )


def _full_groups(offsets: Int64s, most: int) -> Int64s:
  """Returns where groups that are full begin and end: int64 [g + 1].

  A group is full with `most` documents, or as soon as it has `MAX_TOKENS`.
  """
  ends = [0]
  while True:
    start = ends[-1]
    enough = np.searchsorted(offsets, offsets[start] + MAX_TOKENS)
    end = min(start + most, int(enough))
    if end >= len(offsets):
      return np.array(ends)
    ends.append(end)
