"""Exact match and F1 of short answers, as SQuAD's script computes them.

TyDi QA's gold-passage task is scored by that script, whose rule is for English:
it drops 'a', 'an' and 'the', and ASCII punctuation (arXiv 1606.05250).
`by_language` is for the others; it drops the punctuation of every script.
"""

from collections import Counter
import re
import string
import unicodedata

from ul2_flan.tasks.evaluation.rules.rule import Rule

_ASCII_PUNCTUATION = str.maketrans('', '', string.punctuation)

# Articles that `by_language` drops. Arabic writes its article on the noun.
_ARTICLES = {
  'ar': r'(?<!\w)ال(?=\w{2})',
  'de': r'\b(?:ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b',
  'en': r'\b(?:a|an|the)\b',
  'es': r'\b(?:un|una|unos|unas|el|la|los|las)\b',
}


def normalise(text: str, language: str = 'en') -> str:
  """Removes case, ASCII punctuation, English articles and extra spaces.

  >>> normalise('The  cat, again!')
  'cat again'
  """
  text = text.lower().translate(_ASCII_PUNCTUATION)
  return ' '.join(re.sub(_ARTICLES['en'], ' ', text).split())


def by_language(text: str, language: str) -> str:
  """Removes the punctuation of every script, and the language's own articles.

  >>> by_language('«Das Haus», 12.', 'de'), by_language('البيت', 'ar')
  ('haus 12', 'بيت')
  """
  text = ''.join(
    c for c in text.lower() if unicodedata.category(c)[0] not in 'PS'
  )
  if language in _ARTICLES:
    text = re.sub(_ARTICLES[language], ' ', text)
  return ' '.join(text.split())


def f1(target: str, answer: str) -> float:
  """The harmonic mean of precision and recall of words, from 0 to 1.

  >>> f1('a big cat', 'big dog')
  0.4
  """
  expected, given = target.split(), answer.split()
  same = sum((Counter(expected) & Counter(given)).values())
  return 2 * same / (len(expected) + len(given)) if same else 0.0


SQUAD = Rule(normalise, normalise, str, f1)
BY_LANGUAGE = Rule(by_language, by_language, str, f1)
