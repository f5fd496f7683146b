"""Shapes: functions that the catalog names for rows of unusual shape.

A shape is given the fields that the catalog selects of a row and 64 random
bits. It returns the fields of the instances to be made of the row, most often
one, or rejects the row.
"""

from collections.abc import Callable, Mapping
import html
import re

from ul2_flan.tasks.rendering.instances import dialog_shapes, sentence_shapes
from ul2_flan.tasks.rendering.instances.reject import Fields, require
from ul2_flan.tasks.rendering.text_fixes.of_sources import words

Shape = Callable[[Fields, int], list[Fields]]


def unanswerable(fields: Fields, bits: int) -> list[Fields]:
  """SQuAD 2.0: answers 'unanswerable' where there is no answer."""
  return [{**fields, 'answer': fields.get('answer') or 'unanswerable'}]


_UNIFIED_OPTION = re.compile(r'\(([A-H])\)\s*')


def unified_qa(fields: Fields, bits: int) -> list[Fields]:
  r"""UnifiedQA: splits `question \n (A) one (B) two ...`; four options exactly.

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
  """STS-B: rounds a score from 0 to 5 to the nearest whole number."""
  score = float(fields['answer'])
  require(0 <= score <= 5, 'no_label')
  return [{**fields, 'answer': str(int(score + 0.5))}]


# DART's words for the table that a fact is from, and for its title.
_TABLE_MARKS = {'[TABLECONTEXT]': 'table', '[TITLE]': 'title'}


def triples(fields: Fields, bits: int) -> list[Fields]:
  """DART, WebNLG: writes facts, one a line.

  >>> triples({'facts': [['Orla_Bridge', 'riverName', 'Nen']]}, 0)
  [{'facts': 'Orla Bridge | river name | Nen'}]
  """
  facts = []
  for fact in fields['facts'] or ():
    parts = fact.split(' | ') if isinstance(fact, str) else list(fact)
    parts = [_TABLE_MARKS.get(part, part) for part in parts]
    parts[1:-1] = [words(part) for part in parts[1:-1]]
    facts.append(' | '.join(parts))
  text = html.unescape('\n'.join(facts))
  text = text.replace('_', ' ').replace('"', '')
  return [{**fields, 'facts': text}]


def known_words(fields: Fields, bits: int) -> list[Fields]:
  """Gigaword: rejects rows with `UNK`, or with `#` for a digit, as FLAN does.

  Rejects:
    unknown_words: it has either.
  """
  text = f'{fields["text"]}{fields["headline"]}'
  require('UNK' not in text and '#' not in text, 'unknown_words')
  return [fields]


def known_rationale(fields: Fields, bits: int) -> list[Fields]:
  """e-SNLI: rejects rows of whose reasoning a release lacks words.

  Rejects:
    unknown_words: it has `<UNK>`.
  """
  require('<UNK>' not in fields['rationale'], 'unknown_words')
  return [fields]


def entity_spans(fields: Fields, bits: int) -> list[Fields]:
  """ReCoRD's own files: takes entities from the passage, ends included.

  >>> entity_spans({'passage': 'Ada', 'options': [{'start': 0, 'end': 2}]}, 0)
  [{'passage': 'Ada', 'options': ['Ada']}]
  """
  text = fields['passage']
  spans = [text[s['start'] : s['end'] + 1] for s in fields['options']]
  return [{**fields, 'options': spans}]


def drop(fields: Fields, bits: int) -> list[Fields]:
  """DROP's own files: writes an answer that is a number, spans, or a date."""
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
  r"""GSM8K's own files: splits the answer from the reasoning before it.

  >>> gsm8k({'answer': '2 + 3 = <<2+3=5>>5 pens.\nSo 5.\n#### 5'}, 0)
  [{'answer': '5', 'rationale': '2 + 3 = 5 pens. So 5.'}]
  """
  reasoning, mark, answer = fields['answer'].partition('####')
  require(mark, 'no_label')
  rationale = ' '.join(_CALCULATION.sub('', reasoning).split())
  number = answer.strip().replace(',', '')
  return [{**fields, 'answer': number, 'rationale': rationale}]


# deepmind/code_contests: the id of Python 3 among its languages.
_PYTHON_3 = 3


def code_contests(fields: Fields, bits: int) -> list[Fields]:
  """CodeContests: draws one of a problem's solutions in Python 3."""
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
  r"""Reasoning: replaces an answer's mark by the text of the option it marks.

  Tasks that ask for the question show no options, so "(B)" would say nothing.

  >>> asked = 'Hot?\nOptions:\n- (A) ice\n- (B) fire'
  >>> marked_option({'question': asked, 'answer': '(B)'}, 0)[0]['answer']
  'fire'
  """
  mark = (fields['answer'] or '').strip()
  if not _MARKED.fullmatch(mark):
    return [fields]
  lines = fields['question'].rpartition('Options:')[2].splitlines()
  items = (line.strip().removeprefix('- ') for line in lines)
  marked = [item for item in items if item.startswith(mark)]
  require(marked, 'answer_not_an_option')
  text = marked[0].removeprefix(mark).lstrip(': ')
  quoted = _QUOTED.fullmatch(text)
  return [{**fields, 'answer': quoted[1] if quoted else text}]


def marked_pronoun(fields: Fields, bits: int) -> list[Fields]:
  """WSC: puts stars around the pronoun that is asked about, as T5 does.

  A text may have the same pronoun twice, asked about by its place.

  >>> row = {'text': 'It hid as it ran.', 'pronoun': 'it', 'at': 3}
  >>> marked_pronoun({**row, 'noun': 'It'}, 0)[0]['text']
  'It hid as *it* ran.'

  Rejects:
    no_pronoun: it is neither at its place nor anywhere else.
  """
  words, pronoun = fields['text'].split(' '), fields['pronoun']
  at = fields.get('at', -1)
  if not 0 <= at < len(words) or pronoun not in words[at]:
    # T5 knows of a row with a wrong place, and there are exports with none.
    at = next((i for i, w in enumerate(words) if w == pronoun), -1)
  require(at >= 0, 'no_pronoun')
  words[at] = words[at].replace(pronoun, f'*{pronoun}*', 1)
  return [{**fields, 'text': ' '.join(words)}]


# Those from here on are google-research/FLAN's, for its templates alone; the
# catalog names them under `[tasks.flan]`.


def options_end_query(fields: Fields, bits: int) -> list[Fields]:
  """ReCoRD: each option is a name and what the query has after its blank.

  >>> row = {'passage': 'P.', 'options': ['Ada'], 'answer': 'Ada'}
  >>> row['query'] = 'So @placeholder ran.'
  >>> options_end_query(row, 0)[0]['options']
  ['Ada ran.']
  """
  text = fields['passage']
  # The authors' own files have places, with their last characters.
  names = [
    o if isinstance(o, str) else text[o['start'] : o['end'] + 1]
    for o in fields['options']
  ]
  query, _, rest = fields['query'].partition('@placeholder')
  return [
    {
      'passage': text.split('\n@highlight')[0],
      'query': query.strip(),
      'options': [name + rest for name in names],
      'answer': fields['answer'] + rest,
    }
  ]


def options_end_it(fields: Fields, bits: int) -> list[Fields]:
  """WinoGrande: each option is a name and the rest of the sentence.

  >>> row = {'sentence': 'Up _ went.', 'options': ['Bo'], 'answer': 0}
  >>> options_end_it(row, 0)
  [{'context': 'Up ', 'options': ['Bo went.'], 'answer': 0}]
  """
  before, _, after = fields['sentence'].partition('_')
  options = [option + after for option in fields['options']]
  return [{'context': before, 'options': options, 'answer': fields['answer']}]


def triple_texts(fields: Fields, bits: int) -> list[Fields]:
  """DART, WebNLG: a list of facts, each a text with its parts between bars."""
  facts = [f if isinstance(f, str) else ' | '.join(f) for f in fields['facts']]
  return [{**fields, 'facts': facts, 'facts_lines': facts}]


# FLAN shows no more reviews, or arguments.
_ITEMS = 10


def numbered_items(fields: Fields, bits: int) -> list[Fields]:
  """Rotten Tomatoes, iDebate: numbers the first reviews, or arguments."""
  field = 'reviews' if 'reviews' in fields else 'arguments'
  items = fields[field]
  numbered = (f'{i}. {item}' for i, item in enumerate(items[:_ITEMS], 1))
  return [
    {
      **fields,
      field: '\n'.join(numbered),
      'first_review': next(iter(items), ''),
    }
  ]


def half_to_even(fields: Fields, bits: int) -> list[Fields]:
  """STS-B: rounds a score as C's printf does: 2.5 is 2, and 3.5 is 4."""
  score = float(fields['answer'])
  require(0 <= score <= 5, 'no_label')
  return [{**fields, 'answer': f'{score:.0f}'}]


_FUNCTIONS: tuple[Shape, ...] = (
  unanswerable, unified_qa, rounded_score, triples, entity_spans, drop, gsm8k,
  code_contests, known_words, known_rationale, marked_option, marked_pronoun,
  dialog_shapes.numbered_exactly, dialog_shapes.numbered_questions,
  dialog_shapes.wiki_dialog,
  dialog_shapes.qrecc, dialog_shapes.taskmaster,
  dialog_shapes.explode_questions, dialog_shapes.chat,
  dialog_shapes.completion, dialog_shapes.instruction,
  sentence_shapes.lower_case, sentence_shapes.no_punctuation,
  sentence_shapes.no_spaces, sentence_shapes.last_word,
  options_end_query, options_end_it, triple_texts, numbered_items, half_to_even,
  sentence_shapes.ascii_without_marks, sentence_shapes.spaces_alone,
  sentence_shapes.ascii_lower_case, sentence_shapes.last_token,
)  # fmt: skip

# The shapes by their names, as `prepare` in the catalog's TOML has them.
SHAPES: Mapping[str, Shape] = {f.__name__: f for f in _FUNCTIONS}
