"""Tells which styles fit options, by their lengths and by what they look like.

Where each instance has options of its own, those of a whole block are looked
through at once: one search through all of them takes a tenth of the time that
one through each takes.
"""

import bisect
from collections.abc import Callable, Iterator, Sequence
import functools
import itertools
import re

import numpy as np

from ul2_flan.tasks.ragged import Int64s, offsets_of
from ul2_flan.tasks.rendering.styles.item_style import ROMAN

# SHORT options may share a line. LONG ones have a line each, and so have those
# that would make a line look like two. MANY are more than there are Roman
# numbers or letters. MARKS look like marks themselves, such as numbers.
SHORT, LONG, MANY, MARKS = range(4)

# An option of at most so many characters may share a line with the others.
_SHORT_CHARS = 24

# A line that looks like a mark: "3" would be the second of "1. 2", "2. 3". The
# first two characters of most lines, letters, show at once that they do not.
_like_a_mark = re.compile(
  r'\n(?![A-Za-z][a-hj-uwyzA-HJ-UWYZ ])'
  r'[(\[#]?+(?:\d++|[A-Za-z]|[ivxIVX]++)[)\].:]?+(?=\n)'
).search

# With these a line would look like two, or its end would end a sentence.
_JOINS = (', ', ' / ', ' or ', '(', ')', '.\n', ';\n', '?\n', '!\n')


def kinds(options: Sequence[tuple[str, ...]]) -> Int64s:
  """Returns int64 [n], the kind of the options of each of n instances.

  >>> kinds([('yes', 'no'), ('1', '2'), ('red', 'red, or nearly')]).tolist()
  [0, 3, 1]
  """
  distinct = set(options)
  if len(distinct) == 1:
    return np.full(len(options), _kind(options[0]))
  if 2 * len(distinct) <= len(options):
    return np.fromiter(map(_kind, options), np.int64, len(options))
  return _kinds(options)


# Labels recur from instance to instance.
@functools.lru_cache(maxsize=1 << 10)
def _kind(options: tuple[str, ...]) -> int:
  return int(_kinds([options])[0])


def _kinds(options: Sequence[tuple[str, ...]]) -> Int64s:
  """As `kinds`, for options of which few recur; they are not none."""
  every = list(itertools.chain.from_iterable(options))
  chars = np.fromiter(map(len, every), np.int64, len(every))
  counts = np.fromiter(map(len, options), np.int64, len(options))
  ends = offsets_of(counts)
  longest = np.maximum.reduceat(chars, ends[:-1])
  result = np.where(longest > _SHORT_CHARS, LONG, SHORT)
  result[counts > len(ROMAN)] = MANY
  # A newline stands before each option, and one more behind the last.
  text = '\n'.join(('', *every, ''))
  bounds = offsets_of(chars + 1)[ends].tolist()
  marked = _which(*_find_mark(text), bounds[:-1], bounds[1:])
  result[list(marked)] = MARKS
  short = np.flatnonzero(result == SHORT).tolist()
  starts = [bounds[i] for i in short]
  stops = [bounds[i + 1] for i in short]
  for join in _JOINS:
    for i in _which(*_find_join(text, join), starts, stops):
      result[short[i]] = LONG
  return result


def _which(
  find: Callable[[int], int],
  holds: Callable[[int], bool],
  starts: Sequence[int],
  stops: Sequence[int],
) -> Iterator[int]:
  """Yields the indices of those parts of a text in which something is.

  Args:
    find: maps a place in the text to the first place from there on where it may
      be, -1 for none.
    holds: whether it is at a place that was found.
    starts, stops: where parts of the text are, in their order.
  """
  at = find(starts[0]) if starts else -1
  while at >= 0:
    i = bisect.bisect_right(starts, at) - 1
    if at < stops[i]:
      if not holds(at):
        at = find(at + 1)
        continue
      yield i
    # What is found between parts does not matter, nor what follows in this one.
    at = find(starts[i + 1]) if i + 1 < len(starts) else -1


_Search = tuple[Callable[[int], int], Callable[[int], bool]]


def _find_mark(text: str) -> _Search:
  """Finds lines that look like a mark, for `_which`."""

  def find(start: int) -> int:
    match = _like_a_mark(text, start)
    return match.start() if match else -1

  return find, lambda _: True


def _find_join(text: str, join: str) -> _Search:
  """Finds one of `_JOINS`, for `_which`."""
  sign = join.strip()
  if len(sign) > 1:
    return functools.partial(text.find, join), lambda _: True
  # One character is found in a tenth of the time that two take.
  before = join.index(sign)
  return (
    functools.partial(text.find, sign),
    lambda at: text.startswith(join, at - before),
  )
