"""Answers as a model gives them: marks of options, labels, chains of thought.

The forms are those of `rendering/option_styles.toml`: `(A)`, `B)`, `c.`, `#2`,
`iv)`, with or without the option's own text after it.
"""

from __future__ import annotations

from collections.abc import Sequence
import functools
import re
import string
from typing import NamedTuple
import unicodedata

from ul2_flan.tasks.rendering.templates.family import load_family

_SURROUNDING = string.punctuation + string.whitespace + '“”„‘’«»…–—•'
_THOUSANDS = re.compile(r'(?<=\d),(?=\d{3}(?!\d))')
_NEGATIVE = re.compile(r'[-−–](?=[\d.]*\d)')
_ONE = r'[A-Za-z]|\d{1,3}|[ivxIVX]{1,6}'
_MARK = re.compile(
  rf"""(?: [(\[] ({_ONE}) [)\]] (?=[\s:.]|$)   # (A)  [A]
         | \# (\d{{1,3}}) (?=[\s:.]|$)         # #1
         | ({_ONE}) [).:] (?=\s|$)             # A)  A.  A:
         | ({_ONE}) (?=\s-\s|$) )              # A - text  A
       (.*)""",
  re.VERBOSE | re.DOTALL,
)


def normalise(text: str) -> str:
  """Text without what makes no other answer of it.

  That is case, white space, and punctuation before and after it, but for the
  sign of a number.

  >>> normalise(' It  is not possible to tell. ')
  'it is not possible to tell'
  >>> normalise('-1,500')
  '-1500'
  """
  text = ' '.join(unicodedata.normalize('NFKC', text).casefold().split())
  text = _THOUSANDS.sub('', text)
  start = len(text) - len(text.lstrip(_SURROUNDING))
  bare = text.strip(_SURROUNDING)
  if start and _NEGATIVE.match(text, start - 1):
    bare = '-' + bare
  # An answer may be a punctuation mark.
  return bare or text


class Answer(NamedTuple):
  """An answer in its parts, normalised; either part may be empty.

  Attributes:
    mark: the option's letter or number.
    text: the option's or the answer's own words.
  """

  mark: str
  text: str


def parse(text: str) -> Answer:
  """The parts of an answer.

  >>> parse('(B) no.')
  Answer(mark='b', text='no')
  >>> parse('B')
  Answer(mark='b', text='')
  >>> parse('Be quick')
  Answer(mark='', text='be quick')
  """
  text = text.strip()
  match = _MARK.fullmatch(text)
  if not match:
    return Answer('', normalise(text))
  *marks, rest = match.groups(default='')
  words = normalise(rest) if rest.strip(_SURROUNDING) else ''
  return Answer(''.join(marks).lower(), words)


def same_answer(target: str, prediction: str) -> bool:
  """Whether a prediction gives the target's answer.

  Where both have an option's mark, or both have text, these must agree; where
  they have nothing in common to compare, it does not.

  >>> same_answer('(A)', 'A) yes'), same_answer('yes', '- Yes.')
  (True, True)
  >>> same_answer('(A) yes', '(A) no'), same_answer('(A)', 'yes')
  (False, False)
  """
  one, other = parse(target), parse(prediction)
  marks = bool(one.mark and other.mark)
  texts = bool(one.text and other.text)
  return (
    (marks or texts or one == other)
    and (not marks or one.mark == other.mark)
    and (not texts or one.text == other.text)
  )


def label_of(
  text: str, labels: Sequence[str], question: str = ''
) -> str | None:
  """The label that an answer means, if any.

  Args:
    labels: the task's, in the catalog's spelling.
    question: the inputs. What a mark stands for is looked up in them, since
      the order of labels differs from example to example: the last list of
      options is the question's own.

  >>> label_of('(B)', ['no', 'yes'], 'Hot? (A) yes (B) no')
  'no'
  """
  by_text = {normalise(label): label for label in labels}
  found = by_text.get(normalise(text))
  if found is None:
    answer = parse(text)
    found = by_text.get(answer.text)
    if found is None and answer.mark and not answer.text:
      options = _options(tuple(labels)).findall(question)
      marked = [label for mark, label in options if mark.lower() == answer.mark]
      found = by_text[normalise(marked[-1])] if marked else None
  return found


@functools.cache
def _options(labels: tuple[str, ...]) -> re.Pattern[str]:
  """Marked options among a text: groups for the mark and the label."""
  longest_first = sorted(labels, key=len, reverse=True)
  texts = '|'.join(re.escape(label) for label in longest_first)
  return re.compile(
    rf'(?<!\w)({_ONE})(?:[)\].:]|\s-)\s*({texts})(?!\w)', re.IGNORECASE
  )


def after_reasoning(text: str) -> str:
  """The answer after a chain of thought, or all of the text if none is told.

  >>> after_reasoning('60 / 12 = 5. Therefore, the answer is 5.')
  '5.'
  """
  end = 0
  for match in _cues().finditer(text):
    end = match.end()
  return text[end:].strip()


# What else announces answers: in other collections' words, and models' own.
_OTHER_CUES = (('final', 'answer', 'is'), ('answer', 'must', 'be'))


@functools.cache
def _cues() -> re.Pattern[str]:
  """What announces the answer in the wordings with a chain of thought."""
  family = load_family('reasoning')
  targets = [t.targets for t in family.templates if t.reasoning]
  targets += [f.targets for f in family.few_shot if f.reasoning]
  cues = {
    tuple(t.partition('{rationale}')[2].partition('{answer}')[0].split())
    for t in targets
  }
  cues |= {*_OTHER_CUES}
  words = (r'\s+'.join(map(re.escape, cue)) for cue in cues if cue)
  form = rf'(?<!\w)(?:{"|".join(sorted(words))}):?\s'
  return re.compile(form, re.IGNORECASE)
