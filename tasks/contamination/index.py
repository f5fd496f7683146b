"""The grams of the items of evaluation suites, all in sorted arrays.

An item is a question with what belongs to it. Its texts, such as passage and
question, are compared each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
import functools
import hashlib
from typing import Any

import numpy as np

from ul2_flan.tasks.contamination.arrays import sorted_by
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
    items: the items, without their texts.
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
    """Makes the index of items; equal texts of a task are one.

    Args:
      items: task by task. It holds some at a time, and keeps no text.
      rule: how long grams are.
    """
    kept: list[Item] = []
    texts: dict[bytes, int] = {}
    tasks: dict[str, int] = {}
    task: list[int] = []
    of_items: list[list[int]] = []
    found = Collected(rule)
    block: list[str] = []
    size = 0
    for item in items:
      if kept and kept[-1].task != item.task:
        texts.clear()
      numbers = []
      for text in item.texts:
        number = texts.setdefault(_key(text), len(task))
        numbers.append(number)
        if number == len(task):
          task.append(tasks.setdefault(item.task, len(tasks)))
          block.append(text)
          size += len(text)
      of_items.append(numbers)
      kept.append(dataclasses.replace(item, texts=()))
      if size > _CHARS:
        found.add(len(task) - len(block), block)
        block, size = [], 0
    found.add(len(task) - len(block), block)
    grams, scripts, pairs = found.numbered(np.array(task, np.int64))
    counts = np.bincount(pairs[1], minlength=len(task))
    return cls(
      tuple(kept),
      grams,
      scripts,
      Ragged(sorted_by(*pairs), offsets_of(counts)),
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


class Digest:
  """Sixteen hexadecimal digits that change with any text of items."""

  def __init__(self) -> None:
    """Begins with no item."""
    self._sha = hashlib.sha256()
    self.items = 0

  def of(self, items: Iterable[Item]) -> Iterator[Item]:
    """Yields items as they are, and takes them in."""
    for item in items:
      self._sha.update(repr(dataclasses.astuple(item)).encode())
      self.items += 1
      yield item

  def __str__(self) -> str:
    return self._sha.hexdigest()[:16]


def _key(text: str) -> bytes:
  """Returns what stands for a text, in a few bytes."""
  # A text may have surrogates alone, which are no UTF-8.
  said = text.encode(errors='surrogatepass')
  return hashlib.blake2b(said, digest_size=16).digest()
