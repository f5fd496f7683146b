"""Functions on a record, which the catalog names: for rows of unusual shape.

Each is given the fields that the catalog selects and 64 random bits, and
returns the rows to be made of the record, most often one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import re
import string
from types import MappingProxyType
from typing import Any

from ul2_flan.tasks.rendering.instances.text_fixes import words

Fields = dict[str, Any]


class RejectError(Exception):
  """A record of which no row can be made.

  Attributes:
    reason: a code that rejects are counted by.
  """

  def __init__(self, reason: str):
    super().__init__(reason)
    self.reason = reason


def require(condition: object, reason: str) -> None:
  """Rejects a record unless a condition holds."""
  if not condition:
    raise RejectError(reason)


def _numbered(lines: Sequence[str]) -> str:
  return '\n'.join(
    f'{i}. {" ".join(t.split())}' for i, t in enumerate(lines, 1)
  )


def numbered_questions(fields: Fields, bits: int) -> list[Fields]:
  """CoQA: a conversation's questions, and its answers, as numbered lines."""
  questions, answers = fields['questions'], fields['answers']
  require(questions and len(questions) == len(answers), 'answers_missing')
  return [
    {**fields, 'questions': _numbered(questions), 'answers': _numbered(answers)}
  ]


def unanswerable(fields: Fields, bits: int) -> list[Fields]:
  """SQuAD 2.0: a question without an answer has 'unanswerable' for one."""
  return [{**fields, 'answer': fields.get('answer') or 'unanswerable'}]


_UNIFIED_OPTION = re.compile(r'\(([A-H])\)\s*')


def unified_qa(fields: Fields, bits: int) -> list[Fields]:
  r"""UnifiedQA: `question \n (A) one (B) two ...`; four options exactly.

  >>> text = r'Hot? \n (A) a (B) b (C) c (D) d'
  >>> unified_qa({'text': text, 'answer': 'b'}, 0)
  [{'question': 'Hot?', 'options': ('a', 'b', 'c', 'd'), 'answer': 'b'}]
  """
  question, *rest = fields['text'].replace('\\n', '\n').split('\n')
  parts = _UNIFIED_OPTION.split(' '.join(rest))[1:]
  options = tuple(o.strip() for o in parts[1::2])
  require(len(options) == 4, 'not_four_options')
  answer = fields['answer'].strip()
  return [{'question': question.strip(), 'options': options, 'answer': answer}]


def rounded_score(fields: Fields, bits: int) -> list[Fields]:
  """STS-B: a score from 0 to 5, as the nearest whole number."""
  score = float(fields['answer'])
  require(0 <= score <= 5, 'no_label')
  return [{**fields, 'answer': str(int(score + 0.5))}]


def triples(fields: Fields, bits: int) -> list[Fields]:
  """DART, WebNLG: facts, one a line.

  >>> triples({'facts': [['Orla_Bridge', 'riverName', 'Nen']]}, 0)
  [{'facts': 'Orla Bridge | river name | Nen'}]
  """
  facts = []
  for fact in fields['facts'] or ():
    parts = fact.split(' | ') if isinstance(fact, str) else list(fact)
    parts[1:-1] = [words(part) for part in parts[1:-1]]
    facts.append(' | '.join(parts))
  text = '\n'.join(facts).replace('_', ' ').replace('"', '')
  return [{**fields, 'facts': text}]


def entity_spans(fields: Fields, bits: int) -> list[Fields]:
  """ReCoRD's own files: entities are spans of the passage, ends included.

  >>> entity_spans({'passage': 'Ada', 'options': [{'start': 0, 'end': 2}]}, 0)
  [{'passage': 'Ada', 'options': ['Ada']}]
  """
  text = fields['passage']
  spans = [text[s['start'] : s['end'] + 1] for s in fields['options']]
  return [{**fields, 'options': spans}]


def drop(fields: Fields, bits: int) -> list[Fields]:
  """DROP's own files: an answer is a number, spans of text, or a date."""
  answer = fields['answer']
  date = answer.get('date') or {}
  parts = [str(date.get(part) or '') for part in ('day', 'month', 'year')]
  text = (
    str(answer.get('number') or '')
    or ', '.join(answer.get('spans') or ())
    or ' '.join(part for part in parts if part)
  )
  return [{**fields, 'answer': text}]


_CALCULATION = re.compile('<<[^<>]*>>')


def gsm8k(fields: Fields, bits: int) -> list[Fields]:
  r"""GSM8K's own files: the answer stands after the reasoning.

  >>> gsm8k({'answer': '2 + 3 = <<2+3=5>>5 pens.\nSo 5.\n#### 5'}, 0)
  [{'answer': '5', 'rationale': '2 + 3 = 5 pens. So 5.'}]
  """
  reasoning, mark, answer = fields['answer'].partition('####')
  require(mark, 'no_label')
  rationale = ' '.join(_CALCULATION.sub('', reasoning).split())
  number = answer.strip().replace(',', '')
  return [{**fields, 'answer': number, 'rationale': rationale}]


def lower_case(fields: Fields, bits: int) -> list[Fields]:
  """A sentence, and the same in lower case."""
  sentence = fields['sentence'].strip()
  require(sentence != sentence.lower(), 'nothing_to_do')
  return [{'lower': sentence.lower(), 'sentence': sentence}]


_NO_PUNCTUATION = str.maketrans('', '', string.punctuation + '“”„‘’«»…–—')


def no_punctuation(fields: Fields, bits: int) -> list[Fields]:
  """A sentence, and the same without punctuation."""
  sentence = ' '.join(fields['sentence'].split())
  bare = ' '.join(sentence.translate(_NO_PUNCTUATION).split())
  require(bare and bare != sentence, 'nothing_to_do')
  return [{'bare': bare, 'sentence': sentence}]


def no_spaces(fields: Fields, bits: int) -> list[Fields]:
  """A sentence, and the same without spaces."""
  words = fields['sentence'].split()
  require(len(words) > 1, 'nothing_to_do')
  return [{'joined': ''.join(words), 'sentence': ' '.join(words)}]


def last_word(fields: Fields, bits: int) -> list[Fields]:
  """LAMBADA: a passage without its last word, and that."""
  words = fields['passage'].split()
  require(len(words) > 1, 'too_short')
  word = words[-1].strip(string.punctuation)
  require(word, 'too_short')
  return [{'text': ' '.join(words[:-1]), 'word': word}]


def wiki_dialog(fields: Fields, bits: int) -> list[Fields]:
  """WikiDialog: questions and answers in turn; one answer is to be given."""
  turns = list(fields['turns'] or ())
  answers = len(turns) // 2
  require(answers, 'too_short')
  at = 2 * (bits % answers) + 1
  return [{'dialog': tuple(turns[:at]), 'answer': turns[at]}]


def qrecc(fields: Fields, bits: int) -> list[Fields]:
  """QReCC: the turns before, the question, and the answer."""
  dialog = (*(fields.get('context') or ()), fields['question'])
  return [{'dialog': dialog, 'answer': fields['answer']}]


def taskmaster(fields: Fields, bits: int) -> list[Fields]:
  """Taskmaster: one turn is to be given, from the user's first turn on.

  Utterances of one speaker that follow each other are one turn.
  """
  turns: list[str] = []
  speaker = ''
  for utterance in fields['turns'] or ():
    text = ' '.join(utterance['text'].split())
    who = utterance['speaker'].lower()
    if not text or not (turns or who == 'user'):
      continue
    if who == speaker:
      turns[-1] += ' ' + text
    else:
      turns.append(text)
    speaker = who
  require(len(turns) > 1, 'too_short')
  at = 1 + bits % (len(turns) - 1)
  return [{'dialog': tuple(turns[:at]), 'answer': turns[at]}]


# deepmind/code_contests: the id of Python 3 among its languages.
_PYTHON_3 = 3


def code_contests(fields: Fields, bits: int) -> list[Fields]:
  """CodeContests: a problem with one of its solutions in Python 3."""
  solutions = fields['solutions'] or {}
  python = [
    code
    for language, code in zip(
      solutions.get('language', ()), solutions.get('solution', ()), strict=True
    )
    if language == _PYTHON_3
  ]
  require(python, 'no_python')
  solution = python[bits % len(python)].strip('\n')
  return [{'problem': fields['problem'], 'solution': solution}]


_MARKED = re.compile(r'\([A-Z]\)|Sentence [A-Z]')
_QUOTED = re.compile(r'"(.*?)\.?"')


def marked_option(fields: Fields, bits: int) -> list[Fields]:
  r"""Reasoning: an answer by its mark becomes what the question has there.

  Who is to find the question sees no options, so that "(B)" would say nothing.

  >>> asked = 'Hot?\nOptions:\n- (A) ice\n- (B) fire'
  >>> marked_option({'question': asked, 'answer': '(B)'}, 0)[0]['answer']
  'fire'
  """
  mark = (fields['answer'] or '').strip()
  if not _MARKED.fullmatch(mark):
    return [fields]
  lines = fields['question'].rpartition('Options:')[2].splitlines()
  items = (line.strip().removeprefix('- ') for line in lines)
  found = [item for item in items if item.startswith(mark)]
  require(found, 'answer_not_an_option')
  text = found[0].removeprefix(mark).lstrip(': ')
  quoted = _QUOTED.fullmatch(text)
  return [{**fields, 'answer': quoted[1] if quoted else text}]


def explode_questions(fields: Fields, bits: int) -> list[Fields]:
  """QuAC's export has a dialogue in a row; each question becomes one."""
  answers = [a if isinstance(a, str) else a[0] for a in fields['answer']]
  return [
    {**fields, 'question': question, 'answer': answer}
    for question, answer in zip(fields['question'], answers, strict=True)
  ]


_FUNCTIONS: tuple[Callable[[Fields, int], list[Fields]], ...] = (
  numbered_questions,
  unanswerable,
  unified_qa,
  rounded_score,
  triples,
  entity_spans,
  drop,
  gsm8k,
  lower_case,
  no_punctuation,
  no_spaces,
  last_word,
  wiki_dialog,
  qrecc,
  taskmaster,
  code_contests,
  marked_option,
  explode_questions,
)

SHAPES: Mapping[str, Callable[[Fields, int], list[Fields]]] = MappingProxyType(
  {f.__name__: f for f in _FUNCTIONS}
)
