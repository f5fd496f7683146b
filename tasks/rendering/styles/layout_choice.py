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
  STARTS, ENDS: whether it is LABEL, and CUE or LIST, is known from its form.
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
  STARTS = 512
  ENDS = 1024


# Answers of at most so many characters recur: labels, letters, numbers.
_SHORT_CHARS = 16

# What `Layout.like` says that the prefixes of a layout are like.
_LIKE = {'option': Look.OPTIONS, 'letter': Look.LETTER, 'turn': Look.TURNS}


def look_of_words(first: str, last: str) -> int:
  r"""Returns what the words of a pattern show, whatever fills its fields.

  Args:
    first: those before the first field.
    last: those behind the last field.

  >>> Look(look_of_words('Text: ', '\nIs it dry?'))
  <Look.LABEL|STARTS|ENDS: 1537>
  """
  look = 0
  if _is_label(first):
    look |= Look.LABEL | Look.STARTS
  elif sum(map(str.isspace, first)) > 1:  # more than any label has
    look |= Look.STARTS
  if last.endswith(':'):
    look |= Look.CUE | Look.ENDS
  elif '\n' in last:
    look |= Look.ENDS
    if _is_item(last, last.rfind('\n') + 1):
      look |= Look.LIST
  return int(look)


def looks_of(
  questions: Sequence[str], answers: Sequence[str], looks: Sequence[int]
) -> list[int]:
  r"""Returns n looks with the flags that the ends of the texts show.

  Args:
    questions: n texts.
    answers: n texts.
    looks: n of `Look`, what is known of each example's form.

  >>> Look(looks_of(['Text: It rains.\nDry?\n- yes\n- no'], ['no'], [0])[0])
  <Look.LABEL|LIST: 5>
  """
  # Runs for every few-shot example: plain numbers, since the operators of an
  # IntFlag take longer than all the rest.
  own, starts, ends = map(int, (Look.OWN, Look.STARTS, Look.ENDS))
  seen = starts - 1
  known: dict[str, int] = {}
  result = []
  for question, answer, look in zip(questions, answers, looks, strict=True):
    # Where a form has prefixes of its own, its text does not matter.
    if not look & own:
      if len(answer) > _SHORT_CHARS:
        look |= _look_of_answer(answer)
      elif answer in known:
        look |= known[answer]
      else:
        known[answer] = _look_of_answer(answer)
        look |= known[answer]
      if not look & starts and _is_label(question):
        look |= 1
      if look & ends:
        pass
      elif question[-1:] == ':':
        look |= 2
      elif '\n' in question and _is_item(question, question.rfind('\n') + 1):
        look |= 4
    result.append(look & seen)
  return result


def _look_of_answer(answer: str) -> int:
  if answer.isalnum():  # as most short ones are
    return 16 if len(answer) == 1 and _is_letter(answer) else 0
  if '\n' in answer or _is_label(answer):
    return 8
  return 16 if len(answer) < 3 and _is_letter(answer) else 0


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
  kinds = looks_of(questions, answers, looks)
  every = np.array(kinds, np.int64)
  chosen = np.empty(len(kinds), np.int64)
  # Each look occurs often, so that all examples of one are drawn for at once.
  for kind in set(kinds):
    at = np.flatnonzero(every == kind)
    among = np.array(fitting(kind, newlines=newlines), np.int64)
    chosen[at] = among[below(bits[at], len(among))]
  # Hardly any question has a label of its layout: most are only looked at.
  labels = [layout.labels for layout in layouts()]
  for i, (question, layout) in enumerate(
    zip(questions, chosen.tolist(), strict=True)
  ):
    if '\n' not in question:  # with which each label begins
      continue
    for label in labels[layout]:
      # One character is found in a tenth of the time that a word takes.
      if label[-1] in question and label in question:
        fits = fitting(kinds[i], newlines=newlines)
        chosen[i] = _first_without(question, fits, fits.index(layout))
        break
  return chosen


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
