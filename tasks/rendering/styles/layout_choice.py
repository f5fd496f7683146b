"""Draws a layout of exemplars that goes with the text that it stands around.

A careful person would not write "Q: Question: ...", nor put a bare answer under
a list of options, where it looks like one more of them. So each example draws
only among the layouts that go with the ends of its question and its answer, and
it passes over a layout with a label that the question itself contains.
"""

from collections.abc import Sequence
import enum
import functools
import re

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.styles.layouts import Layout, layouts
from ul2_flan.tasks.seeding import below

# "Question: ", "Sentence 1: ", "[One] ", "- ", "# ". Possessive
# quantifiers, so that words are not tried letter by letter once more.
_is_label = re.compile(
  r'[-*>#•] |[\[(]?[^\W\d]\w*+(?: \w++)?+(?::\s|[\])] )|\d++[.:] '
).match
# A line of a list: "- no", "(B) no", "2. no".
_is_item = re.compile(
  r'[-*>+•] |[\[(#]?(?:[A-Za-z]|\d{1,2}|[ivxIVX]{1,4})[\]).:] '
).match
_is_letter = re.compile(r'[A-Za-z][).]?').fullmatch

# Answers of at most so many characters recur: labels, letters, numbers.
_SHORT_CHARS = 16


class Look(enum.IntFlag):
  """What a layout has to go with.

  LABEL: the question starts with a label, a bullet or a heading.
  CUE: the question ends with a colon, which asks for the answer.
  LIST: the question's last line is an item of a list.
  BLOCK: the answer has several lines, or starts with a label.
  LETTER: the answer is a single letter.
  OPTIONS: the question shows options.
  TURNS: the question shows turns of a conversation.
  WORDLESS: the text is not English, so no English words go with it.
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


# What `Layout.like` says that the prefixes of a layout are like.
_LIKE = {'option': Look.OPTIONS, 'letter': Look.LETTER, 'turn': Look.TURNS}


def look_of(question: str, answer: str) -> int:
  r"""Returns the flags of `Look` that the ends of the texts show.

  >>> Look(look_of('Text: It rains.\nDry?\n- yes\n- no', 'no'))
  <Look.LABEL|LIST: 5>
  """
  # Runs for every few-shot example: plain numbers, since the operators of an
  # IntFlag take longer than all the rest.
  look = 1 if _is_label(question) else 0
  if question.endswith(':'):
    look += 2
  else:
    start = question.rfind('\n') + 1
    if start and _is_item(question, start):
      look += 4
  short = len(answer) <= _SHORT_CHARS
  return look + (_look_of_short(answer) if short else _look_of_answer(answer))


def _look_of_answer(answer: str) -> int:
  if '\n' in answer or _is_label(answer):
    return 8
  return 16 if len(answer) < 3 and _is_letter(answer) else 0


_look_of_short = functools.lru_cache(maxsize=1 << 10)(_look_of_answer)


def choose_layouts(
  questions: Sequence[str],
  answers: Sequence[str],
  looks: Sequence[int],
  bits: UInt64s,
  *,
  newlines: bool,
) -> Int64s:
  """Draws a layout for each of n examples, among those that go with its text.

  Args:
    questions: n texts, the last of the examples' inputs.
    answers: n texts.
    looks: n of `Look`, what is known of each example's form.
    bits: uint64 [n], the random bits that choose.
    newlines: False if the reader of the text takes newlines for spaces.

  Returns:
    int64 [n], indices into `layouts()`.
  """
  own = int(Look.OWN)
  # Where a form has prefixes of its own, its text does not matter.
  kinds = [
    look if look & own else look | look_of(question, answer)
    for question, answer, look in zip(questions, answers, looks, strict=True)
  ]
  every = np.array(kinds, np.int64)
  chosen = np.empty(len(kinds), np.int64)
  # Each look occurs often, so that all examples of one are drawn for at once.
  for kind in set(kinds):
    at = np.flatnonzero(every == kind)
    among = np.array(fitting(kind, newlines=newlines), np.int64)
    chosen[at] = among[below(bits[at], len(among))]
  # Hardly any question has a label of its layout: most are only looked at.
  labels = _labels_of()
  for i, (question, layout) in enumerate(
    zip(questions, chosen.tolist(), strict=True)
  ):
    if '\n' not in question:  # with which each label begins
      continue
    one, other = labels[layout]
    if one in question or other in question:
      fits = fitting(kinds[i], newlines=newlines)
      chosen[i] = _first_without(question, fits, fits.index(chosen[i]))
  return chosen


@functools.cache
def _labels_of() -> tuple[tuple[str, str], ...]:
  """Returns the two labels of each layout; NUL, which no text has, for none."""
  padded = ((*layout.labels, '\0', '\0') for layout in layouts())
  return tuple((one, other) for one, other, *_ in padded)


def _first_without(question: str, among: tuple[int, ...], first: int) -> int:
  """Returns the first layout, from place `first` on, whose labels are absent.

  If the question contains labels of all of them, place `first` stands.
  """
  known = layouts()
  for i in range(first, first + len(among)):
    layout = among[i % len(among)]
    for label in known[layout].labels:
      if label in question:
        break
    else:
      return layout
  return among[first]


@functools.cache
def fitting(look: int, *, newlines: bool) -> tuple[int, ...]:
  """Returns the layouts for a look, as indices into `layouts()`."""
  fits = tuple(
    i
    for i, layout in enumerate(layouts())
    if _fits(layout, Look(look), newlines)
  )
  # Hardly any layout sets a list apart without words and without newlines: if
  # none does, the list counts for nothing.
  return fits or fitting(look & ~(Look.LIST | Look.OPTIONS), newlines=newlines)


def _fits(layout: Layout, look: Look, newlines: bool) -> bool:
  """Whether a layout goes with a look."""
  before, after = layout.input_prefix, layout.target_prefix
  worded = re.search('[A-Za-z]', before.replace('{number}', '') + after)
  if Look.OWN in look:
    # The form's prefixes replace the layout's: only the separator is used.
    separate = newlines or layout.separator.strip()
    return bool(separate) and not (before or after)
  apart = after or (newlines and layout.between == '\n\n')
  return not (
    not (newlines or layout.visible)
    # No English beside another language.
    or (Look.WORDLESS in look and worded)
    # No "Q: Question: ...", and no second cue after "Answer:".
    or (Look.LABEL in look and before and before[-1] != '\n')
    or (Look.CUE in look and after)
    # Code and other blocks start a line of their own.
    or (Look.BLOCK in look and after and after[-1] != '\n')
    # A bare answer under a list would look like one more of its items.
    or (look & (Look.LIST | Look.OPTIONS) and not (apart or Look.CUE in look))
    or any(_LIKE[like] in look for like in layout.like)
  )
