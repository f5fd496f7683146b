"""Shapes: functions that a benchmark names for rows of unusual shape.

A shape is given the fields that a source selects of a row, and returns those of
the questions to be made of it, most often one. Besides texts for the templates,
questions may have:

    options      the choices; their texts are scored, unless there are endings
    endings      what is scored of each choice, as it ends the prompt
    prompt       a list: the end of each choice's own prompt
    answer       the right one of the options: number, name or text
    answers      all references, of an answer that a model writes; of a question
                 with options, all right ones
"""

from collections.abc import Callable, Mapping
import re

from ul2_flan.tasks.rendering.instances import sentence_shapes
from ul2_flan.tasks.rendering.instances.reject import Fields
from ul2_flan.tasks.rendering.text_fixes import TIDY

BenchmarkShape = Callable[[Fields], list[Fields]]


def aliases(fields: Fields) -> list[Fields]:
  """TriviaQA: an answer has other names that are right too.

  >>> aliases({'answer': 'UK', 'aliases': ['Britain', 'UK']})[0]['answers']
  ['UK', 'Britain', 'UK']
  """
  return [{**fields, 'answers': [fields['answer'], *fields['aliases']]}]


_DESCRIPTION = re.compile(r'\(description (?:"([^"]+)"|([^)]+))\)')


def descriptions(fields: Fields) -> list[Fields]:
  """WebQuestions: its authors' answers are terms of a language of queries.

  >>> given = '(list (description "Orla (town)") (description Nen))'
  >>> descriptions({'answers': given})
  [{'answers': ['Orla (town)', 'Nen']}]
  """
  answers = fields['answers']
  if isinstance(answers, str):
    answers = [''.join(found) for found in _DESCRIPTION.findall(answers)]
  return [{**fields, 'answers': answers}]


def last_word(fields: Fields) -> list[Fields]:
  """LAMBADA: the last word of a passage is to be found.

  >>> last_word({'passage': 'They rowed to the isle.'})
  [{'text': 'They rowed to the', 'word': 'isle', 'answers': ['isle']}]
  """
  made = sentence_shapes.last_word(fields, 0)
  return [{**one, 'answers': [one['word']]} for one in made]


def unanswerable(fields: Fields) -> list[Fields]:
  """SQuAD 2.0: some questions have no answer."""
  return [{**fields, 'answers': fields['answers'] or ['unanswerable']}]


def cause(fields: Fields) -> list[Fields]:
  """COPA: a choice goes on with the sentence, after "because" or "so".

  >>> row = {'premise': 'It rained.', 'options': ['I left.', 'She got wet.']}
  >>> (made,) = cause({**row, 'relation': 'effect'})
  >>> made['begin'], made['endings']
  ('It rained so', ['I left.', 'she got wet.'])
  """
  word = {'cause': 'because', 'effect': 'so'}[fields['relation']]
  begin = f'{fields["premise"].strip().removesuffix(".")} {word}'
  return [
    {**fields, 'begin': begin, 'endings': [*map(_inside, fields['options'])]}
  ]


def _inside(sentence: str) -> str:
  """Begins a sentence as one does inside another."""
  if re.match(r'I\b', sentence):
    return sentence
  return sentence[:1].lower() + sentence[1:]


def entities(fields: Fields) -> list[Fields]:
  """ReCoRD: a choice is the sentence with a name in its blank.

  A passage names an entity as often as it occurs, and several may be right.

  >>> row = {'passage': 'P', 'query': '@placeholder ran.', 'answers': ['Ada']}
  >>> (made,) = entities({**row, 'options': ['Bo', 'Ada', 'Bo']})
  >>> made['options'], made['endings']
  (['Bo', 'Ada'], ['Bo ran.', 'Ada ran.'])
  """
  names = [*dict.fromkeys(fields['options'])]
  query = fields['query']
  endings = [query.replace('@placeholder', name) for name in names]
  return [
    {
      **fields,
      'passage': TIDY['highlights'](fields['passage']),
      'options': names,
      'endings': endings,
    }
  ]


def blank(fields: Fields) -> list[Fields]:
  """Winogrande: the rest of a sentence is scored, after either name.

  >>> row = {'sentence': 'Up _ went.', 'options': ['Bo', 'Ada']}
  >>> (made,) = blank(row)
  >>> made['prompt'], made['endings']
  (['Up Bo', 'Up Ada'], [' went.', ' went.'])
  """
  before, _, after = fields['sentence'].partition('_')
  return [_ending(fields, before, fields['options'], after)]


# Names that stand inside a sentence begin with a small letter.
_SMALL = ('A', 'An', 'Her', 'His', 'My', 'The', 'Their')
_POSSESSIVE = ('her', 'his', 'my', 'our', 'their')


def pronoun(fields: Fields) -> list[Fields]:
  """Winograd schemas: the same, with a name in the place of the pronoun.

  A possessive pronoun stands for a name with "'s". "Her" counts as one, as in
  lm-evaluation-harness.

  >>> row = {'text': 'It hid as it ran.', 'pronoun': 'it', 'start': 10}
  >>> pronoun({**row, 'options': ['The cat', 'a dog']})[0]['prompt']
  ['It hid as the cat', 'It hid as a dog']
  """
  text, said, start = fields['text'], fields['pronoun'], fields['start']
  end = start + len(said)
  if text[start:end] != said:
    raise ValueError(f"it has no pronoun '{said}' at {start}")
  names = []
  for name in fields['options']:
    first, space, rest = name.partition(' ')
    if start and first in _SMALL:
      first = first.lower()
    owns = "'s" if said.lower() in _POSSESSIVE else ''
    names.append(f'{first}{space}{rest}{owns}')
  return [_ending(fields, text[:start], names, text[end:])]


def _ending(
  fields: Fields, before: str, names: list[str], after: str
) -> Fields:
  """Adds the prompts of names, and what is scored after each."""
  if not after.strip():
    raise ValueError('nothing follows the name that is to be found')
  return {
    **fields,
    'prompt': [f'{before}{name}' for name in names],
    'endings': [after] * len(names),
  }


def wikihow(fields: Fields) -> list[Fields]:
  """HellaSwag: without the marks that WikiHow's texts have."""
  tidy = TIDY['wikihow']
  context, options = tidy(fields['context']), [*map(tidy, fields['options'])]
  return [{**fields, 'context': context, 'options': options}]


def exam(fields: Fields) -> list[Fields]:
  """RACE: TFDS and its authors have all questions of a passage in one row.

  >>> row = {'question': ['1?', '2?'], 'answer': ['A', 'B']}
  >>> exam({**row, 'options': [['x', 'y'], ['z', 'w']]})[1]
  {'question': '2?', 'answer': 'B', 'options': ['z', 'w']}
  """
  if isinstance(fields['question'], str):
    return [fields]
  names = ('question', 'answer', 'options')
  rows = zip(*(fields[name] for name in names), strict=True)
  return [{**fields, **dict(zip(names, row, strict=True))} for row in rows]


_FUNCTIONS: tuple[BenchmarkShape, ...] = (
  aliases, descriptions, last_word, unanswerable, cause, entities, blank,
  pronoun, wikihow, exam,
)  # fmt: skip

# The shapes by their names, as `nlp.toml` has them.
SHAPES: Mapping[str, BenchmarkShape] = {f.__name__: f for f in _FUNCTIONS}
