"""Collects the grams of the texts of suites, and numbers those that count.

A text of fewer units than a gram is one gram, as GPT-3 has it (arXiv
2005.14165, section 4). A text of fewer than `LEAST_WORDS` words is not looked
for, since it would be found by chance. Nor are grams that stand in many texts
of one task: they are how the task asks, and tell nothing of an item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.contamination.characters import characters_of
from ul2_flan.tasks.contamination.grams import GramTable, hashes_of
from ul2_flan.tasks.contamination.rules import LEAST_WORDS, Rule
from ul2_flan.tasks.contamination.units import (
  UNITS_PER_WORD,
  Units,
  by_main_script,
)
from ul2_flan.tasks.ragged import Int64s, UInt64s

# A gram that more texts of a task have is how the task asks.
MOST_TEXTS = 10

# Grams: their hashes, their texts, their lengths, and the hashes of their
# heads, which are 0 but for short ones.
_Grams = tuple[UInt64s, Int64s, Int64s, UInt64s]


@dataclasses.dataclass(frozen=True, slots=True)
class ScriptGrams:
  """The grams of the texts of one script.

  Attributes:
    length: units of a gram.
    least: units of the shortest text that is looked for, and of a head.
    table: the grams.
    numbers: int64 [g], the number of each gram of the table.
    heads: the first `least` units of texts that are shorter than a gram; some
      may be equal.
    short: uint64 [s], the hashes of these texts, in the order of `heads`.
    short_lengths: int64 [s], how many units they have.
    short_numbers: int64 [s], the number of each.
  """

  length: int
  least: int
  table: GramTable
  numbers: Int64s
  heads: GramTable
  short: UInt64s
  short_lengths: Int64s
  short_numbers: Int64s


class Collected:
  """The grams of texts that were given so far."""

  def __init__(self, rule: Rule):
    """Begins with none.

    Args:
      rule: how long grams are.
    """
    self._rule = rule
    self._of_script: dict[int, list[_Grams]] = {}

  def add(self, start: int, texts: Sequence[str]) -> None:
    """Adds texts, whose numbers begin with `start`."""
    for script, units in by_main_script(characters_of(texts)).items():
      length, least = lengths_of(self._rule, script)
      grams = _grams_of(units, length, least)
      hashes, text, lengths, heads = grams
      self._of_script.setdefault(script, []).append(
        (hashes, text + start, lengths, heads)
      )

  def numbered(
    self, task: Int64s
  ) -> tuple[int, Mapping[int, ScriptGrams], tuple[Int64s, Int64s]]:
    """Numbers the grams that are of their texts, and not how a task asks.

    Args:
      task: int64 [texts], a number of the task that each text is of.

    Returns:
      how many there are; those of each script; and the pairs of grams and the
      texts that they are of: their numbers, int64 [p] each.
    """
    count = 0
    made: dict[int, ScriptGrams] = {}
    pairs = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for script, parts in sorted(self._of_script.items()):
      grams = [np.concatenate(column) for column in zip(*parts, strict=True)]
      hashes, first, gram, text = _own(grams[0], grams[1], task)
      # In the order of the texts, so that the grams of a text are in a row.
      number = np.empty(len(first), np.int64)
      number[np.argsort(first)] = count + np.arange(len(first))
      pairs.append((number[gram], text))
      length, least = lengths_of(self._rule, script)
      lengths, heads = grams[2][first], grams[3][first]
      short = lengths < length
      order = np.flatnonzero(short)[np.argsort(heads[short], kind='stable')]
      made[script] = ScriptGrams(
        length,
        least,
        GramTable.of(hashes[~short]),
        number[~short],
        GramTable.of(heads[order]),
        hashes[order],
        lengths[order],
        number[order],
      )
      count += len(first)
    gram, text = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return count, made, (gram, text)


def lengths_of(rule: Rule, script: int) -> tuple[int, int]:
  """Returns the units of a gram, and those of the shortest text."""
  units = UNITS_PER_WORD[script]
  return rule.words * units, LEAST_WORDS * units


def _grams_of(units: Units, length: int, least: int) -> _Grams:
  """Hashes the grams of whole texts, and texts that are shorter than a gram."""
  hashes = hashes_of(units.hashes, length)
  inside = units.text[: len(hashes)] == units.text[length - 1 :]
  found = [(hashes[inside], units.text[: len(hashes)][inside])]
  lengths = [np.full(int(inside.sum()), length)]
  heads = [np.zeros(int(inside.sum()), np.uint64)]
  counts = np.bincount(units.text)
  starts = np.cumsum(counts) - counts
  all_heads = hashes_of(units.hashes, least)
  for short in range(least, length):
    text = np.flatnonzero(counts == short)
    found.append((hashes_of(units.hashes, short)[starts[text]], text))
    lengths.append(np.full(len(text), short))
    heads.append(all_heads[starts[text]])
  return (
    *(np.concatenate(column) for column in zip(*found, strict=True)),
    np.concatenate(lengths),
    np.concatenate(heads),
  )  # type: ignore[return-value]


def _own(
  hashes: UInt64s, text: Int64s, task: Int64s
) -> tuple[UInt64s, Int64s, Int64s, Int64s]:
  """Leaves out the grams that many texts of a task have.

  Args:
    hashes: uint64 [n], of grams.
    text: int64 [n], the text of each.
    task: int64 [texts].

  Returns:
    the different hashes that are left, sorted, uint64 [g], and where each
    stands first, int64 [g]; and the pairs of hashes, by their indices, and
    texts, int64 [p] each.
  """
  if not len(hashes):
    none = np.zeros(0, np.int64)
    return hashes, none, none, none
  different, first, inverse = np.unique(
    hashes, return_index=True, return_inverse=True
  )
  gram, of = np.divmod(np.unique(inverse * len(task) + text), len(task))
  tasks = int(task.max()) + 1
  _, within, counts = np.unique(
    gram * tasks + task[of], return_inverse=True, return_counts=True
  )
  own = counts[within] <= MOST_TEXTS
  gram, of = gram[own], of[own]
  left = np.unique(gram)
  return different[left], first[left], np.searchsorted(left, gram), of
