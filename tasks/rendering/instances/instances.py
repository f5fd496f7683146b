"""Instances of a task as columns: what templates are filled in from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
from typing import Any, TypeVar

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s

_T = TypeVar('_T')

# Text, or for `LIST_FIELDS` a tuple of texts.
Column = Sequence[Any]


def pick(column: Sequence[_T], indices: Sequence[int]) -> list[_T]:
  """Returns the column's values at these indices."""
  return list(map(column.__getitem__, indices))


@dataclasses.dataclass(frozen=True, slots=True)
class Instances:
  """A block of n instances with a task's fields.

  Attributes:
    keys: uint64 [n], the instances' keys, on which alone all draws depend.
    columns: field to n values: text, or a tuple of texts for 'options' and
      'dialog'. No text is empty; None stands where an instance lacks the field.
    choice: int64 [n], which of an instance's options is its answer; None
      without options.
    asked: n texts, what the instances asked before some were trimmed, as
      `same_question.questions` has it; None if none was.
    given: field to n texts as the source has them, where `columns` has what was
      made of them; see `Family.as_source`.

  >>> instances = Instances.of([{'question': '1+1?', 'answer': '2'}], [7])
  >>> len(instances), instances.columns['answer'], instances.choice
  (1, ['2'], None)
  """

  keys: UInt64s
  columns: Mapping[str, Column]
  choice: Int64s | None = None
  asked: Sequence[str] | None = None
  given: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

  @classmethod
  def of(
    cls, instances: Sequence[Mapping[str, Any]], keys: Sequence[int]
  ) -> Instances:
    """Makes columns of instances that all have the same fields.

    Raises:
      ValueError: the 'answer' of one is not among its 'options'.
    """
    names = instances[0] if instances else {}
    columns: dict[str, Column] = {
      f: [one[f] for one in instances] for f in names
    }
    choice = None
    if 'options' in columns:
      columns['options'] = [tuple(o) for o in columns['options']]
      pairs = zip(columns['options'], columns['answer'], strict=True)
      choice = np.array([o.index(a) for o, a in pairs], np.int64)
    return cls(np.array(keys, np.uint64), columns, choice)

  def take(self, indices: Int64s) -> Instances:
    """Returns the instances with these indices, in this order."""
    picked = indices.tolist()
    return Instances(
      self.keys[indices],
      {f: pick(c, picked) for f, c in self.columns.items()},
      None if self.choice is None else self.choice[indices],
      None if self.asked is None else pick(self.asked, picked),
      {f: pick(c, picked) for f, c in self.given.items()},
    )

  def as_source(self, fields: Sequence[str]) -> Instances:
    """Returns the instances with some fields as the source has them.

    Fields that `given` lacks stay as they are.
    """
    given = {f: self.given[f] for f in fields if f in self.given}
    if not given:
      return self
    return dataclasses.replace(self, columns={**self.columns, **given})

  def by_fields(self) -> Iterator[tuple[Int64s, Instances]]:
    """Yields groups of instances that have the same fields, with their indices.

    No column of a group has a None.
    """
    # Mostly none: only NIv2's instances lack fields.
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
      group = self.take(indices)
      columns = {f: c for f, c in group.columns.items() if f not in absent}
      yield indices, dataclasses.replace(group, columns=columns)

  def __len__(self) -> int:
    return len(self.keys)

  def __iter__(self) -> Iterator[dict[str, Any]]:
    """Yields each instance as a dict of its fields."""
    for i in range(len(self)):
      yield {field: column[i] for field, column in self.columns.items()}
