"""Exemplars: rows of the training split that may stand before a question.

A pool is the rows of a task whose keys come first in an order drawn from the
seed, so that it is the same however the split was divided among workers, and
its size is bounded whatever the split's.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.needs_options import leaning
from ul2_flan.tasks.rendering.templates.family import LIST_FIELDS, Family
from ul2_flan.tasks.rendering.trimming.overhead import CountTokens
from ul2_flan.tasks.seeding import below, draw, stream

# Rows in a pool: so many that two examples rarely share an exemplar, and so few
# that counting their tokens costs little.
POOL_ROWS = 1000

# More candidates than exemplars are drawn, for those that may not be used.
_SPARE = 3

# Counters of the full order of a pool; candidates use those below.
_ORDER = 1 << 32


def pool_rank(keys: UInt64s, *, seed: int, task: str) -> UInt64s:
  """A row's place in the drawn order: a pool is the rows of lowest rank."""
  return draw(stream(seed, f'{task}/exemplars', keys), 0)


def choose_pool(
  rows: Instances, *, seed: int, task: str, size: int = POOL_ROWS
) -> Instances:
  """The `size` rows of lowest rank, in the order of their rank.

  Pools of parts of a split merge into the split's: choose again from the rows
  of all of them.
  """
  rank = pool_rank(rows.keys, seed=seed, task=task)
  return rows.take(np.lexsort((rows.keys, rank))[:size])


def questions(family: Family, rows: Instances) -> list[str]:
  """What makes rows the same question: the input, but for case and space."""
  if rows.asked is not None:
    return list(rows.asked)
  rows = rows.as_source(family.as_source)
  columns = [rows.columns[f] for f in family.input if f in rows.columns]
  if len(columns) == 1 and 'dialog' not in family.input:
    return [' '.join(text.lower().split()) for text in columns[0]]
  return [
    ' '.join(str(value) for value in row).lower()
    for row in zip(*columns, strict=True)
  ]


# More bytes than the words and marks of any style of options take, for all of
# them together and for each; and for each turn of a dialogue.
_OPTIONS_EXTRA = 24
_OPTION_EXTRA = 8
_TURN_EXTRA = 12


@dataclasses.dataclass(frozen=True)
class Pool:
  """Rows to choose exemplars from.

  Attributes:
    rows: the rows.
    question: int64 [n], the same number for the same question.
    numbers: question to its number.
    leans: bool [n], whose answers make no sense without their options.
    count_tokens: how tokens are counted; by bytes if it is None.
  """

  rows: Instances
  question: Int64s
  numbers: dict[str, int]
  leans: Bools
  count_tokens: CountTokens | None = None

  @classmethod
  def of(
    cls,
    family: Family,
    rows: Instances,
    count_tokens: CountTokens | None = None,
  ) -> Pool:
    """A pool of these rows."""
    rows = rows.as_source(family.as_source)
    numbers: dict[str, int] = {}
    texts = questions(family, rows)
    ids = [numbers.setdefault(text, len(numbers)) for text in texts]
    return cls(
      rows,
      np.array(ids, np.int64),
      numbers,
      leaning(family, rows),
      count_tokens,
    )

  def count(self, texts: Sequence[str]) -> Sequence[int]:
    """Tokens of texts, or more."""
    if self.count_tokens and texts:
      return self.count_tokens(texts)
    return [len(text.encode()) + 1 for text in texts]

  def count_words(self, text: str) -> int:
    """As `count`, for a text that recurs."""
    if text not in self._words:
      self._words[text] = self.count([text])[0]
    return self._words[text]

  def lengths(self, fields: tuple[str, ...], tokens: bool) -> Int64s:
    """Bytes, or tokens, of fields of each row: int64 [n].

    Args:
      fields: which; one that occurs twice counts twice.
      tokens: count those, without the marks of options and turns; else bytes,
        with those of any style.
    """
    known = self._lengths
    key = (fields, tokens)
    if key not in known:
      total = np.zeros(len(self.rows), np.int64)
      for field in fields:
        total += self._column_lengths(field, tokens)
      known[key] = total
    return known[key]

  @functools.cached_property
  def _lengths(self) -> dict[tuple[tuple[str, ...], bool], Int64s]:
    return {}

  def items(self, field: str) -> Int64s:
    """How many options, or turns, each row has: int64 [n]."""
    known = self._items
    if field not in known:
      known[field] = np.array([len(v) for v in self.rows.columns[field]])
    return known[field]

  @functools.cached_property
  def _items(self) -> dict[str, Int64s]:
    return {}

  @functools.cached_property
  def _words(self) -> dict[str, int]:
    return {}

  def _column_lengths(self, field: str, tokens: bool) -> Int64s:
    """Of one field of each row; the texts are counted once."""
    known = self._columns
    if (field, tokens) not in known:
      known[field, tokens] = self._measure(field, tokens)
    return known[field, tokens]

  @functools.cached_property
  def _columns(self) -> dict[tuple[str, bool], Int64s]:
    return {}

  def _measure(self, field: str, tokens: bool) -> Int64s:
    """As `_column_lengths`; an answer may take the form of an option."""
    texts = self.rows.columns[field]
    if field in LIST_FIELDS:
      texts = [' '.join(value) for value in texts]
    if tokens:
      return np.asarray(self.count(texts), np.int64)
    lengths = np.array([len(text.encode()) for text in texts], np.int64)
    if field == 'options':
      lengths += _OPTIONS_EXTRA + _OPTION_EXTRA * self.items(field)
    elif field in LIST_FIELDS:
      lengths += _TURN_EXTRA * self.items(field)
    return lengths

  @property
  def fields(self) -> frozenset[str]:
    """The fields that every row has."""
    columns = self.rows.columns.items()
    return frozenset(f for f, column in columns if None not in column)

  def choose(
    self,
    family: Family,
    rows: Instances,
    streams: UInt64s,
    wanted: Int64s,
    most: int,
    alone: Bools,
  ) -> list[list[int]]:
    """Draws exemplars for each row, uniformly and without repetition.

    Never the row itself, nor one that asks the same question, nor two that do.

    Args:
      rows: n rows.
      streams: uint64 [n].
      wanted: int64 [n], how many exemplars each is to have.
      most: no `wanted` is greater. Constant for a run, since how many
        candidates are drawn depends on it.
      alone: bool [n], where exemplars are to make sense without their options.

    Returns:
      Indices into the pool's rows: fewer than wanted if there are no more.
    """
    size = len(self.rows)
    if not size or not len(rows):
      return [[] for _ in range(len(rows))]
    texts = questions(family, rows)
    own = np.array([self.numbers.get(t, -1) for t in texts], np.int64)
    counters = np.arange(most + _SPARE)
    candidates = below(draw(streams[:, None], counters[None]), size)
    asked = self.question[candidates]
    bad = asked == own[:, None]
    bad |= self.rows.keys[candidates] == rows.keys[:, None]
    bad |= alone[:, None] & self.leans[candidates]
    for j in range(1, asked.shape[1]):
      bad[:, j] |= (asked[:, :j] == asked[:, j : j + 1]).any(axis=1)
    good = ~bad
    rank = np.cumsum(good, axis=1)
    taken = good & (rank <= wanted[:, None])
    chosen = np.split(
      candidates[taken], np.cumsum(taken.sum(axis=1, dtype=np.int64))[:-1]
    )
    result = [indices.tolist() for indices in chosen]
    for i in np.flatnonzero(rank[:, -1] < wanted).tolist():
      result[i] = self._from_all(
        streams[i],
        int(rows.keys[i]),
        int(own[i]),
        int(wanted[i]),
        bool(alone[i]),
      )
    return result

  def another(
    self,
    family: Family,
    row: Instances,
    start: np.uint64,
    alone: bool,
    fits: Bools,
  ) -> int | None:
    """Draws an exemplar for a row from those that fit, uniformly.

    Args:
      row: one row.
      start: its stream, as in `choose`.
      alone: as in `choose`.
      fits: bool [n], which of the pool's rows there is room for.

    Returns:
      An index into the pool's rows; None if there is none.
    """
    own = self.numbers.get(questions(family, row)[0], -1)
    good = fits & (self.question != own) & (self.rows.keys != row.keys[0])
    if alone:
      good &= ~self.leans
    among = np.flatnonzero(good)
    if not len(among):
      return None
    rank = draw(np.array(start), _ORDER + among)
    return int(among[np.argmin(rank)])

  def _from_all(
    self, start: np.uint64, key: int, own: int, wanted: int, alone: bool
  ) -> list[int]:
    """Goes through the whole pool in an order drawn for the row."""
    size = len(self.rows)
    order = np.argsort(draw(np.array(start), _ORDER + np.arange(size)))
    seen = {own}
    chosen: list[int] = []
    for i in order.tolist():
      question = int(self.question[i])
      unfit = alone and self.leans[i]
      if unfit or question in seen or int(self.rows.keys[i]) == key:
        continue
      seen.add(question)
      chosen.append(i)
      if len(chosen) == wanted:
        break
    return chosen
