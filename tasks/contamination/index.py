"""The grams of the items of evaluation suites, all in sorted arrays.

An item is a question with what belongs to it. Its texts, such as passage and
question, are compared each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools
import hashlib
from typing import Any

import numpy as np

from ul2_flan.tasks.contamination.collected import Collected, ScriptGrams
from ul2_flan.tasks.contamination.rules import Rule
from ul2_flan.tasks.ragged import Bools, Ragged, offsets_of

# Characters of texts that are hashed at once.
_CHARS = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
  """An item of a suite.

  Attributes:
    task: the full name of its task, such as 'bbh:snarks'.
    id: unique in the task.
    texts: what is looked for.
  """

  task: str
  id: str
  texts: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Index:
  """The grams of all items.

  Attributes:
    items: the items.
    grams: how many there are.
    scripts: those of each script that some text is in.
    text_grams: the numbers of the grams of each text.
    item_texts: the texts of each item.
  """

  items: tuple[Item, ...]
  grams: int
  scripts: Mapping[int, ScriptGrams]
  text_grams: Ragged
  item_texts: Ragged

  @classmethod
  def of(cls, items: Iterable[Item], rule: Rule) -> Index:
    """Makes the index of items; equal texts of a task are one."""
    items = tuple(items)
    texts: dict[tuple[str, str], int] = {}
    of_items = [
      [texts.setdefault((item.task, text), len(texts)) for text in item.texts]
      for item in items
    ]
    tasks: dict[str, int] = {}
    task = [tasks.setdefault(name, len(tasks)) for name, _ in texts]
    found = Collected(rule)
    for start, some in _blocks([text for _, text in texts]):
      found.add(start, some)
    grams, scripts, pairs = found.numbered(np.array(task, np.int64))
    order = np.lexsort(pairs)
    counts = np.bincount(pairs[1], minlength=len(texts))
    return cls(
      items,
      grams,
      scripts,
      Ragged(pairs[0][order].astype(np.int32), offsets_of(counts)),
      Ragged.of(of_items),
    )

  @functools.cached_property
  def judged(self) -> Bools:
    """Which items have a gram of their own: bool [items]."""
    return self.of_items(self.text_grams.lengths > 0)

  def of_items(self, texts: np.typing.NDArray[Any]) -> np.typing.NDArray[Any]:
    """Returns the largest value among the texts of each item.

    Args:
      texts: a value of each text, bool or a number that is not negative.
    """
    values = texts[self.item_texts.values]
    made = np.zeros(len(self.items), values.dtype)
    owner = np.repeat(np.arange(len(made)), self.item_texts.lengths)
    np.maximum.at(made, owner, values)
    return made


def digest(items: Iterable[Item]) -> str:
  """Returns sixteen hexadecimal digits that change with any text of items."""
  sha = hashlib.sha256()
  for item in items:
    sha.update(repr(dataclasses.astuple(item)).encode())
  return sha.hexdigest()[:16]


def _blocks(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
  """Divides texts into blocks; yields also the number of each first one."""
  start = size = 0
  for number, text in enumerate(texts):
    size += len(text)
    if size > _CHARS:
      yield start, texts[start : number + 1]
      start, size = number + 1, 0
  if start < len(texts):
    yield start, texts[start:]
