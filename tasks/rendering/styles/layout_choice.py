"""Which layouts of exemplars go with a text.

A careful person would not write "Q: Question: ...", nor put a bare answer under
a list of options, where it looks like one more of them. So what a question and
its answer look like where a layout meets them decides which layouts are drawn
from; a label of the layout's that the question has of its own is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
import enum
import functools
import re

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.styles.layouts import Layout, layouts
from ul2_flan.tasks.seeding import below

# "Question: ", "Sentence 1: ", "[One] ", "- ", "# ".
_is_label = re.compile(
  r'[-*>#•] |[\[(]?[^\W\d]\w*+(?: \w++)?+(?::\s|[\])] )|\d++[.:] '
).match
# A line of a list: "- no", "(B) no", "2. no".
_is_item = re.compile(
  r'[-*>+•] |[\[(#]?(?:[A-Za-z]|\d{1,2}|[ivxIVX]{1,4})[\]).:] '
).match
_is_letter = re.compile(r'[A-Za-z][).]?').fullmatch


class Look(enum.IntFlag):
  """What a layout has to go with.

  LABEL: the question starts with a label, a bullet or a heading.
  CUE: it ends with a colon, which asks for the answer.
  LIST: its last line is an item of a list.
  BLOCK: the answer has several lines, or starts with a label.
  LETTER: it is a single letter.
  OPTIONS: options are shown.
  TURNS: turns of a conversation are shown.
  WORDLESS: the text is not English.
  OWN: the form has prefixes of its own.
  """

  LABEL = 1
  CUE = 2
  LIST = 4
  BLOCK = 8
  LETTER = 16
  OPTIONS = 32
  TURNS = 64
  WORDLESS = 128
  OWN = 256


# What the prefixes of some layouts are like, as `layouts.toml` says it.
_LIKE = {'option': Look.OPTIONS, 'letter': Look.LETTER, 'turn': Look.TURNS}


def look_of(question: str, answer: str) -> int:
  r"""What a question and its answer look like at their ends.

  >>> Look(look_of('Text: It rains.\nDry?\n- yes\n- no', 'no'))
  <Look.LABEL|LIST: 5>
  """
  # Called for every example, and written for speed.
  look = 1 if _is_label(question) else 0
  if question[-1:] == ':':
    look += 2
  else:
    start = question.rfind('\n') + 1
    if start and _is_item(question, start):
      look += 4
  if '\n' in answer or _is_label(answer):
    look += 8
  elif len(answer) < 3 and _is_letter(answer):
    look += 16
  return look


def choose_layouts(
  questions: Sequence[str],
  answers: Sequence[str],
  looks: Sequence[int],
  bits: UInt64s,
  *,
  newlines: bool,
) -> Int64s:
  """Draws a layout for each of n examples.

  Args:
    questions: n texts, the last of their inputs.
    answers: n texts.
    looks: n of `Look`, what is known of each example's form.
    bits: uint64 [n], what is drawn with.
    newlines: False if the reader of the text takes newlines for spaces.

  Returns:
    int64 [n], indices into `layouts()`.
  """
  # As a plain number: a flag's operators take longer than all the rest.
  own = int(Look.OWN)
  whole = [
    look if look & own else look | look_of(question, answer)
    for question, answer, look in zip(questions, answers, looks, strict=True)
  ]
  kinds = np.array(whole, np.int64)
  chosen = np.empty(len(whole), np.int64)
  for kind in set(whole):
    at = np.flatnonzero(kinds == kind)
    among = fitting(kind, newlines=newlines)
    drawn = below(bits[at], len(among))
    chosen[at] = [
      _first_without(questions[i], among, first)
      for i, first in zip(at.tolist(), drawn.tolist(), strict=True)
    ]
  return chosen


def _first_without(question: str, among: tuple[int, ...], first: int) -> int:
  """The first layout, from one of them on, none of whose labels occur."""
  for i in range(first, first + len(among)):
    layout = among[i % len(among)]
    for label in _labels()[layout]:
      if label in question:
        break
    else:
      return layout
  return among[first]


@functools.cache
def _labels() -> tuple[tuple[str, ...], ...]:
  return tuple(layout.labels for layout in layouts())


@functools.cache
def fitting(look: int, *, newlines: bool) -> tuple[int, ...]:
  """The layouts for a look, as indices into `layouts()`."""
  fits = tuple(
    i
    for i, layout in enumerate(layouts())
    if _fits(layout, Look(look), newlines)
  )
  # Few go with a list, if neither words nor newlines are to be had.
  return fits or fitting(look & ~(Look.LIST | Look.OPTIONS), newlines=newlines)


def _fits(layout: Layout, look: Look, newlines: bool) -> bool:
  """Whether a layout goes with a look."""
  before, after = layout.input_prefix, layout.target_prefix
  worded = re.search('[A-Za-z]', before.replace('{number}', '') + after)
  if Look.OWN in look:
    # Only its separator is used.
    separate = newlines or layout.separator.strip()
    return bool(separate) and not (before or after)
  apart = after or (newlines and layout.between == '\n\n')
  return not (
    not (newlines or layout.visible)
    or (Look.WORDLESS in look and worded)
    or (Look.LABEL in look and before and before[-1] != '\n')
    or (Look.CUE in look and after)
    or (Look.BLOCK in look and after and after[-1] != '\n')
    or (look & (Look.LIST | Look.OPTIONS) and not (apart or Look.CUE in look))
    or any(_LIKE[like] in look for like in layout.like)
  )
