"""Shapes that make a task of plain sentences; `shapes` says what a shape is."""

import re
import string

from ul2_flan.tasks.rendering.instances.reject import Fields, require


def lower_case(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and the same in lower case.

  >>> lower_case({'sentence': 'In May.'}, 0)
  [{'lower': 'in may.', 'sentence': 'In May.'}]
  """
  sentence = fields['sentence'].strip()
  require(sentence != sentence.lower(), 'nothing_to_do')
  return [{'lower': sentence.lower(), 'sentence': sentence}]


_NO_PUNCTUATION = str.maketrans('', '', string.punctuation + '“”„‘’«»…–—')


def no_punctuation(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and the same without punctuation.

  >>> no_punctuation({'sentence': 'Well – yes, it is.'}, 0)[0]['bare']
  'Well yes it is'
  """
  sentence = ' '.join(fields['sentence'].split())
  bare = ' '.join(sentence.translate(_NO_PUNCTUATION).split())
  require(bare and bare != sentence, 'nothing_to_do')
  return [{'bare': bare, 'sentence': sentence}]


def no_spaces(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and the same without spaces."""
  words = fields['sentence'].split()
  require(len(words) > 1, 'nothing_to_do')
  return [{'joined': ''.join(words), 'sentence': ' '.join(words)}]


def last_word(fields: Fields, bits: int) -> list[Fields]:
  """LAMBADA: returns a passage without its last word, and that word.

  >>> last_word({'passage': 'They rowed to the isle.'}, 0)
  [{'text': 'They rowed to the', 'word': 'isle'}]
  """
  words = fields['passage'].split()
  require(len(words) > 1, 'too_short')
  word = words[-1].strip(string.punctuation)
  require(word, 'too_short')
  return [{'text': ' '.join(words[:-1]), 'word': word}]


# The last four are google-research/FLAN's, for its templates alone.
_MARKS = re.compile(r'[^A-Za-z0-9_\t\n\f\r ]')


def ascii_without_marks(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and it with only ASCII's letters and digits.

  >>> ascii_without_marks({'sentence': "It's é."}, 0)[0]['bare']
  'Its '
  """
  sentence = fields['sentence']
  bare = _MARKS.sub('', sentence)
  require(bare != sentence, 'nothing_to_do')
  return [{'bare': bare, 'sentence': sentence}]


def spaces_alone(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and the same without spaces."""
  sentence = fields['sentence']
  return [{'joined': sentence.replace(' ', ''), 'sentence': sentence}]


def ascii_lower_case(fields: Fields, bits: int) -> list[Fields]:
  """Returns a sentence, and the same with ASCII's letters in lower case."""
  sentence = fields['sentence']
  lower = sentence.encode().lower().decode()
  require(lower != sentence, 'nothing_to_do')
  return [{'lower': lower, 'sentence': sentence}]


def last_token(fields: Fields, bits: int) -> list[Fields]:
  """LAMBADA: returns a passage up to its last space, and what follows."""
  text, _, word = fields['passage'].strip().rpartition(' ')
  require(text, 'too_short')
  return [{'text': text, 'word': word}]
