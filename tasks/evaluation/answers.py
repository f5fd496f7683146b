"""Reads answers as a model gives them: marks of options, labels, reasoning.

A mark is the letter or number of an option, in any form that
`rendering/styles/option_styles.toml` has: `(A)`, `B)`, `c.`, `#2`, `iv)`, with
or without the option's own text after it.
"""

from collections.abc import Sequence
import functools
import re
import string
from typing import NamedTuple
import unicodedata

from ul2_flan.tasks.evaluation.extraction.option_letter import names_another
from ul2_flan.tasks.rendering.templates.family import load_family

_SURROUNDING = string.punctuation + string.whitespace + '“”„‘’«»…–—•'
_THOUSANDS = re.compile(r'(?<=\d),(?=\d{3}(?!\d))')
_NEGATIVE = re.compile(r'[-−–](?=[\d.]*\d)')
# A letter, a number, or a Roman numeral.
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
  """Removes what does not make it another answer.

  That is case, white space, and punctuation before and after the text, but for
  the sign of a number, and commas between thousands.

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
  # An answer may be nothing but punctuation; a full stop ends its sentence.
  return bare or text.rstrip('. ') or text


class Answer(NamedTuple):
  """An answer in its parts, normalised; either part may be empty.

  Attributes:
    mark: the letter or number of an option.
    text: the text of the option, or of an answer without a mark.
  """

  mark: str
  text: str


def parse(text: str) -> Answer:
  """Divides an answer into its parts.

  >>> parse('(B) no.')
  Answer(mark='b', text='no')
  >>> parse('B')
  Answer(mark='b', text='')
  >>> parse('Be quick')
  Answer(mark='', text='be quick')
  """
  text = text.strip()
  match = _MARK.fullmatch(text)
  *marks, rest = match.groups(default='') if match else ('',)
  # '(A) or (B)' is neither of them.
  if not match or names_another(rest):
    return Answer('', normalise(text))
  words = normalise(rest) if rest.strip(_SURROUNDING) else ''
  return Answer(''.join(marks).lower(), words)


def same_answer(target: str, prediction: str) -> bool:
  """Whether a prediction gives the target's answer.

  Where both have a mark, the marks must agree; where both have text, the texts
  must. A mark alone and a text alone cannot be compared, and are not the same.

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
  """Returns the label that an answer means, or None.

  >>> label_of('(B)', ['no', 'yes'], 'Hot? (A) yes (B) no')
  'no'

  Args:
    text: the answer.
    labels: the task's, in the catalog's spelling.
    question: the inputs, which say what a mark stands for: the order of labels
      differs from example to example. Exemplars come first, so the last list of
      options is the question's own.
  """
  by_text = {normalise(label): label for label in labels}
  label = by_text.get(normalise(text))
  if label is None:
    answer = parse(text)
    label = by_text.get(answer.text)
    if label is None and answer.mark and not answer.text:
      options = _options(tuple(labels)).findall(question)
      marked = [text for mark, text in options if mark.lower() == answer.mark]
      label = by_text[normalise(marked[-1])] if marked else None
  return label


@functools.cache
def _options(labels: tuple[str, ...]) -> re.Pattern[str]:
  """Makes the pattern of a marked option, with groups for mark and label."""
  # A label may be the beginning of another, and `|` takes the first that fits.
  longest_first = sorted(labels, key=len, reverse=True)
  texts = '|'.join(re.escape(label) for label in longest_first)
  return re.compile(
    rf'(?<!\w)({_ONE})(?:[)\].:]|\s-)\s*({texts})(?!\w)', re.IGNORECASE
  )


def after_reasoning(text: str) -> str:
  """Returns the answer after a chain of thought.

  The last announcement of an answer counts; without one, all of the text is the
  answer.

  >>> after_reasoning('60 / 12 = 5. Therefore, the answer is 5.')
  '5.'
  """
  end = 0
  for match in _cues().finditer(text):
    end = match.end()
  return text[end:].strip()


# Announcements in other collections, and in answers of models.
_OTHER_CUES = {('final', 'answer', 'is'), ('answer', 'must', 'be')}


@functools.cache
def _cues() -> re.Pattern[str]:
  """Makes the pattern of what announces the answer after a chain of thought.

  It has the text between reasoning and answer in our templates.
  """
  family = load_family('reasoning')
  targets = [t.targets for t in family.templates if t.reasoning]
  targets += [f.targets for f in family.few_shot if f.reasoning]
  cues = _OTHER_CUES | {
    tuple(t.partition('{rationale}')[2].partition('{answer}')[0].split())
    for t in targets
  }
  words = (r'\s+'.join(map(re.escape, cue)) for cue in cues if cue)
  form = rf'(?<!\w)(?:{"|".join(sorted(words))}):?\s'
  return re.compile(form, re.IGNORECASE)
