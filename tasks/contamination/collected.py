"""Collects the grams of the texts of suites, and numbers those that count.

A text of fewer units than a gram is one gram, as GPT-3 has it (arXiv
2005.14165, section 4). A text of fewer than `LEAST_WORDS` words is not looked
for, since it would be found by chance. Nor are grams that stand in many texts
of one task: they are how the task asks, and tell nothing of an item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ul2_flan.tasks.contamination.arrays import Growing
from ul2_flan.tasks.contamination.characters import characters_of
from ul2_flan.tasks.contamination.grams import GramTable, hashes_of
from ul2_flan.tasks.contamination.rules import LEAST_WORDS, Rule
from ul2_flan.tasks.contamination.units import (
  UNITS_PER_WORD,
  Units,
  by_main_script,
)
from ul2_flan.tasks.ragged import Bools, Int32s, Int64s, UInt64s

# A gram that more texts of a task have is how the task asks.
MOST_TEXTS = 10

# Whole suites have millions of grams. They are sorted in ranges, by so many
# bits of their hashes, so that what is made on the way is small.
_RANGE_BITS = 5


class _Grams(NamedTuple):
  """The grams of some texts.

  Attributes:
    hashes: uint64 [n].
    text: int32 [n], the text of each.
    short: int64 [s], rising, which are texts that are shorter than a gram.
    heads: uint64 [s], the hashes of the first units of these.
    lengths: int64 [s], how many units they have.
  """

  hashes: UInt64s
  text: Int32s
  short: Int64s
  heads: UInt64s
  lengths: Int64s


@dataclasses.dataclass(frozen=True, slots=True)
class ScriptGrams:
  """The grams of the texts of one script.

  Attributes:
    length: units of a gram.
    least: units of the shortest text that is looked for, and of a head.
    table: the grams.
    numbers: int32 [g], the number of each gram of the table.
    heads: the first `least` units of texts that are shorter than a gram; some
      may be equal.
    short: uint64 [s], the hashes of these texts, in the order of `heads`.
    short_lengths: int64 [s], how many units they have.
    short_numbers: int32 [s], the number of each.
  """

  length: int
  least: int
  table: GramTable
  numbers: Int32s
  heads: GramTable
  short: UInt64s
  short_lengths: Int64s
  short_numbers: Int32s


class Collected:
  """The grams of texts that were given so far."""

  def __init__(self, rule: Rule):
    """Begins with none.

    Args:
      rule: how long grams are.
    """
    self._rule = rule
    self._of_script: dict[int, tuple[Growing, ...]] = {}

  def add(self, start: int, texts: Sequence[str]) -> None:
    """Adds texts, whose numbers begin with `start`."""
    for script, units in by_main_script(characters_of(texts)).items():
      length, least = lengths_of(self._rule, script)
      grams = _grams_of(units, start, length, least)
      columns = self._of_script.setdefault(
        script, tuple(Growing(column.dtype) for column in grams)
      )
      grams = grams._replace(short=grams.short + len(columns[0]))
      for column, more in zip(columns, _arrays(*grams), strict=True):
        column.add(more)

  def numbered(
    self, task: Int64s
  ) -> tuple[int, Mapping[int, ScriptGrams], tuple[Int32s, Int32s]]:
    """Numbers the grams that are of their texts, and not how a task asks.

    Args:
      task: int64 [texts], a number of the task that each text is of; it never
        falls.

    Returns:
      how many there are; those of each script; and the pairs of grams and the
      texts that they are of: their numbers, int32 [p] each.
    """
    count = 0
    made: dict[int, ScriptGrams] = {}
    pairs = [(np.zeros(0, np.int32), np.zeros(0, np.int32))]
    for script in sorted(self._of_script):
      # What is numbered is let go.
      given = _Grams(*(c.taken() for c in self._of_script.pop(script)))
      _, _, stands, heads, lengths = given
      is_short = np.zeros(len(given.hashes), np.bool_)
      is_short[stands] = True
      hashes, first, gram, text = _sorted(given, task.astype(np.int32))
      del given
      # In the order of the texts, so that the grams of a text are in a row.
      number = np.empty(len(first), np.int32)
      number[np.argsort(first)] = np.arange(
        count, count + len(first), dtype=np.int32
      )
      pairs.append((number[gram], text))
      del gram, text
      short = is_short[first]
      place = np.searchsorted(stands, first[short])
      by_head = np.argsort(heads[place], kind='stable')
      order, place = np.flatnonzero(short)[by_head], place[by_head]
      count += len(first)
      of_short, hashes = hashes[order], hashes[~short]
      made[script] = ScriptGrams(
        *lengths_of(self._rule, script),
        GramTable.of(hashes),
        number[~short],
        GramTable.of(heads[place]),
        of_short,
        lengths[place],
        number[order],
      )
    gram, text = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return count, made, (gram, text)


def lengths_of(rule: Rule, script: int) -> tuple[int, int]:
  """Returns the units of a gram, and those of the shortest text."""
  units = UNITS_PER_WORD[script]
  return rule.words * units, LEAST_WORDS * units


def _grams_of(units: Units, start: int, length: int, least: int) -> _Grams:
  """Hashes the grams of whole texts, and texts that are shorter than a gram.

  Args:
    units: those of the texts.
    start: the number of the first of these.
    length: units of a gram.
    least: units of the shortest text that is looked for.
  """
  hashes = hashes_of(units.hashes, length)
  inside = units.text[: len(hashes)] == units.text[length - 1 :]
  found = [(hashes[inside], units.text[: len(hashes)][inside])]
  heads, lengths = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
  counts = np.bincount(units.text)
  starts = np.cumsum(counts) - counts
  all_heads = hashes_of(units.hashes, least)
  for short in range(least, length):
    text = np.flatnonzero(counts == short)
    found.append((hashes_of(units.hashes, short)[starts[text]], text))
    lengths.append(np.full(len(text), short))
    heads.append(all_heads[starts[text]])
  hashes, text = (np.concatenate(column) for column in zip(*found, strict=True))
  whole = len(found[0][0])
  return _Grams(
    hashes,
    (text + start).astype(np.int32),
    np.arange(whole, len(hashes)),
    np.concatenate(heads),
    np.concatenate(lengths),
  )


def _sorted(
  grams: _Grams, task: Int32s
) -> tuple[UInt64s, Int32s, Int32s, Int32s]:
  """Sorts grams by their hashes, and leaves out those of many texts.

  Args:
    grams: of whole texts.
    task: int32 [texts]; it never falls.

  Returns:
    the hashes that are left, uint64 [g], rising; where each stands first among
    the grams, int32 [g]; and the pairs of these, by their numbers, and texts,
    int32 [p] each.
  """
  columns = [Growing(dtype) for dtype in (np.uint64, *3 * [np.int32])]
  size = 1 << (64 - _RANGE_BITS)
  for low in range(0, 1 << 64, size):
    inside = grams.hashes >= np.uint64(low)
    inside &= grams.hashes <= np.uint64(low + size - 1)
    where = np.flatnonzero(inside).astype(np.int32)
    where = where[np.argsort(grams.hashes[where], kind='stable')]
    hashes = grams.hashes[where]
    at, gram, text = _own(hashes, grams.text[where], task)
    gram += np.int32(len(columns[0]))
    made = _arrays(hashes[at], where[at], gram, text)
    for column, more in zip(columns, made, strict=True):
      column.add(more)
  hashes, first, gram, text = (column.taken() for column in columns)
  return hashes, first, gram, text


def _own(
  hashes: UInt64s, text: Int32s, task: Int32s
) -> tuple[Int32s, Int32s, Int32s]:
  """Leaves out the grams that many texts of a task have.

  Args:
    hashes: uint64 [n], sorted, of grams.
    text: int32 [n], the text of each; those of equal grams rise.
    task: int32 [texts]; it never falls.

  Returns:
    where each gram that is left stands first, int32 [g]; and the pairs of
    these, by their numbers among them, and texts, int32 [p] each.
  """
  is_new = _changes(hashes)
  stands = _where(is_new)
  gram = np.cumsum(is_new, dtype=np.int32) - np.int32(1)
  # A text counts once for each of its grams.
  once = is_new | _changes(text)
  gram, text, is_new = gram[once], text[once], is_new[once]
  starts = _where(is_new | _changes(task[text]))
  texts_of_task = np.diff(starts, append=np.int32(len(gram)))
  own = np.repeat(texts_of_task <= MOST_TEXTS, texts_of_task)
  gram, text = gram[own], text[own]
  is_new = _changes(gram)
  left = gram[is_new]
  return stands[left], np.cumsum(is_new, dtype=np.int32) - np.int32(1), text


def _arrays(*arrays: np.typing.NDArray[Any]) -> Sequence[Any]:
  """Returns arrays of several types as a sequence."""
  return arrays


def _where(marked: Bools) -> Int32s:
  """Returns the places that are marked: half as large as NumPy's."""
  return np.flatnonzero(marked).astype(np.int32)


def _changes(values: np.typing.NDArray[Any]) -> Bools:
  """Tells which of n values differ from the one before: bool [n]."""
  made = np.ones(len(values), np.bool_)
  made[1:] = values[1:] != values[:-1]
  return made
