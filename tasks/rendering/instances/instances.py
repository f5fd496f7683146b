"""Rows of a task as columns: what rendering is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from types import MappingProxyType
from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s

# Text, or for `LIST_FIELDS` a tuple of texts.
Column = Sequence[Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Instances:
  """A block of rows with a task's fields.

  Attributes:
    keys: uint64 [n], the rows' keys, on which alone all draws depend.
    columns: field to n values: text, or a tuple of texts for 'options' and
      'dialog'. No text is empty; None stands for one that a row has not got.
    choice: int64 [n], which of a row's options is its answer; None without
      options.
    asked: n texts, what made rows the same question before they were trimmed;
      None if none was.
    given: field to n texts as the source has them, where `columns` has what was
      made of them; see `Family.as_source`.

  >>> rows = Rows.of([{'question': '1+1?', 'answer': '2'}], [7])
  >>> len(rows), rows.columns['answer'], rows.choice
  (1, ['2'], None)
  """

  keys: UInt64s
  columns: Mapping[str, Column]
  choice: Int64s | None = None
  asked: Sequence[str] | None = None
  given: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

  @classmethod
  def of(
    cls, rows: Sequence[Mapping[str, Any]], keys: Sequence[int]
  ) -> Instances:
    """Columns of rows with the same fields; `answer` is among `options`."""
    names = rows[0] if rows else {}
    columns: dict[str, Column] = {f: [row[f] for row in rows] for f in names}
    choice = None
    if 'options' in columns:
      columns['options'] = [tuple(o) for o in columns['options']]
      pairs = zip(columns['options'], columns['answer'], strict=True)
      choice = np.array([o.index(a) for o, a in pairs], np.int64)
    return cls(np.array(keys, np.uint64), columns, choice)

  def take(self, indices: Int64s) -> Instances:
    """The rows with these indices, in this order."""
    picked = indices.tolist()
    return Instances(
      self.keys[indices],
      {f: [c[i] for i in picked] for f, c in self.columns.items()},
      None if self.choice is None else self.choice[indices],
      None if self.asked is None else [self.asked[i] for i in picked],
      {f: [c[i] for i in picked] for f, c in self.given.items()},
    )

  def as_source(self, fields: Sequence[str]) -> Instances:
    """With some fields as the source has them, if it has them otherwise."""
    own = {f: self.given[f] for f in fields if f in self.given}
    if not own:
      return self
    return dataclasses.replace(self, columns={**self.columns, **own})

  def by_fields(self) -> Iterator[tuple[Int64s, Instances]]:
    """The rows in groups that have the same fields, each with its indices."""
    partial = [f for f, column in self.columns.items() if None in column]
    if not partial:
      yield np.arange(len(self)), self
      return
    groups: dict[frozenset[str], list[int]] = {}
    for i in range(len(self)):
      absent = frozenset(f for f in partial if self.columns[f][i] is None)
      groups.setdefault(absent, []).append(i)
    for absent, members in groups.items():
      indices = np.array(members, np.int64)
      rows = self.take(indices)
      columns = {f: c for f, c in rows.columns.items() if f not in absent}
      yield indices, dataclasses.replace(rows, columns=columns)

  def __len__(self) -> int:
    return len(self.keys)

  def __iter__(self) -> Iterator[dict[str, Any]]:
    for i in range(len(self)):
      yield {field: column[i] for field, column in self.columns.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Rendered:
  """Examples as text.

  Attributes:
    index: int64 [m], the row that each example was made of, ascending.
    inputs: m texts.
    targets: m texts.
    rejects: reason to the indices of the rows of which no example was made.
    draws: what was drawn for each example, if that was asked for: 'template',
      'options', 'dialog', 'layout', 'exemplars' (the exemplars' keys).
  """

  index: Int64s
  inputs: list[str]
  targets: list[str]
  rejects: Mapping[str, list[int]] = dataclasses.field(default_factory=dict)
  draws: Mapping[str, list[Any]] = dataclasses.field(default_factory=dict)

  def __len__(self) -> int:
    return len(self.inputs)


def merge(
  parts: Sequence[tuple[Int64s, Rendered]],
  others: Mapping[str, list[int]] = MappingProxyType({}),
) -> Rendered:
  """The examples of parts of a block, in the order of its rows.

  Args:
    parts: the examples of some rows, with these rows' indices in the block.
    others: reasons to the indices of the rows that are in none of them.
  """
  examples: list[tuple[int, str, str, dict[str, Any]]] = []
  rejects: dict[str, list[int]] = {k: [*v] for k, v in others.items()}
  names = {name for _, part in parts for name in part.draws}
  for indices, part in parts:
    for j, i in enumerate(indices[part.index].tolist()):
      drawn = {n: part.draws[n][j] for n in names if n in part.draws}
      examples.append((i, part.inputs[j], part.targets[j], drawn))
    for reason, rows in part.rejects.items():
      rejects.setdefault(reason, []).extend(indices[rows].tolist())
  examples.sort(key=lambda example: example[0])
  return Rendered(
    np.array([i for i, *_ in examples], np.int64),
    [inputs for _, inputs, _, _ in examples],
    [targets for _, _, targets, _ in examples],
    {reason: sorted(rows) for reason, rows in rejects.items()},
    {n: [drawn.get(n) for *_, drawn in examples] for n in sorted(names)},
  )
