"""The number that answers a word problem, in any of MGSM's languages.

MGSM's answers are integers. People write them with the digits of their script,
with separators between thousands, a currency, or decimals that are zero. A
fraction is read as its value: 6/2 is 3, and 5/2 equals no reference. Numbers in
words (`eighteen`) are not read.
"""

from decimal import Decimal
from fractions import Fraction
import functools
import re
import unicodedata

from ul2_flan.tasks.evaluation.extraction import numeral
from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted

# What announces the answer in MGSM's exemplars (google-research/url-nlp at
# 452a21a, mgsm/exemplars.py), and near forms of it.
_CUES = {
  'bn': r'উত্তর\s+(?:হলো|হল|হচ্ছে)',
  'de': r'Antwort\s+(?:lautet|ist)',
  'en': r'answer\s+is',
  'es': r'respuesta\s+es',
  'fr': r'réponse\s+est',
  'ja': r'答えは',
  'ru': r'ответ\s*(?:[-—–−:=]|равен|это)',
  'sw': r'jibu\s+ni',
  'te': r'సమాధానం(?!\s*[:：])',
  'th': r'คำตอบ(?:คือ|เป็น)',
  'zh': r'答案(?:是|为)',
}

# Languages with a comma before decimals, and a dot between thousands. Since
# answers are integers, three digits after either mark are thousands there.
_DECIMAL_COMMA = frozenset(['de', 'es', 'fr', 'id', 'ru'])

# Spaces and apostrophes stand between thousands only.
_MARKS = " \u00a0\u202f\u2009'’"
# Full-width and Arabic forms of the marks around digits, and the slash of ½.
_AS_ASCII = str.maketrans('，．－＝＄￥٫٬／⁄', ',.-=$¥.,//')
_LATEX = re.compile(r'\\[dt]?frac\{(\d+)\}\{(\d+)\}')
# So many digits of a fraction are computed with; a model may write a million.
_MAX_DIGITS = 15


def number(text: str, language: str = 'en') -> Extracted:
  """Reads the number after the last cue, or else the last number of the text.

  After a cue the first number counts; in a sum it is the first one after the
  last equals sign. An answer in English is read in every language. A numeral
  without digits (十八) counts after a cue, or if there is nothing else.

  >>> number('Er hat 3 und 4. Die Antwort lautet 114.200 Euro.', 'de')
  Extracted(answer='114200', how='cue')
  >>> number('2 + 3 makes 5 dollars')
  Extracted(answer='5', how='fallback')
  >>> number('他有3个和15个。答案是十八。', 'zh')
  Extracted(answer='18', how='cue')
  """
  text = numeral.with_digits(_with_ascii_digits(text), language)
  cues = [*_cue(language).finditer(text)]
  if cues:
    line = text[cues[-1].end() :].lstrip().partition('\n')[0]
    for part in (line.rpartition('=')[2], line):
      announced = numeral.leading(part, language) or next(
        iter(_numbers(part, language)), ''
      )
      if announced:
        return Extracted(announced, 'cue')
  numbers = _numbers(text, language)
  last = numbers[-1] if numbers else numeral.alone(text, language)
  return Extracted(last, 'fallback') if last else NONE


def only_number(text: str, language: str = 'en') -> str:
  """Reads a reference, which holds one number; '' if it does not.

  >>> only_number('114,200'), only_number('18.00'), only_number('৫')
  ('114200', '18', '5')
  """
  text = numeral.with_digits(_with_ascii_digits(text), language)
  found = _numbers(text, language)
  return found[0] if len(found) == 1 else ''


@functools.cache
def _cue(language: str) -> re.Pattern[str]:
  cues = {_CUES.get(language, _CUES['en']), _CUES['en']}
  return re.compile('|'.join(sorted(cues)), re.IGNORECASE)


@functools.cache
def _pattern(decimal_comma: bool) -> re.Pattern[str]:
  """Makes the pattern of a number.

  Groups have three digits, or two as in India (1,14,200), but the last has
  three. All marks between them are the same.
  """
  marks = f'.,{_MARKS}' if decimal_comma else f',{_MARKS}'
  grouped = rf'\d{{1,3}}(?P<mark>[{marks}])(?:\d{{2,3}}(?P=mark))*\d{{3}}(?!\d)'
  # Two dots or more are between thousands, whatever a language writes.
  dotted = r'\d{1,3}(?:\.\d{3}){2,}(?!\.?\d)'
  # Of '.5' there is nothing before the dot.
  whole = rf'{grouped}|{dotted}|\d+|(?<![\w.])(?=\.\d)'
  rest = r'[.,]\d+' if decimal_comma else r'\.\d+|,00?(?!\d)'
  sign = r'(?<![\w)\].,])[-−–]'
  # A date has two slashes, and is no fraction.
  below = r'0*[1-9]\d*(?![\d/]|\.\d)'
  ones = rf'(?P<ones>\d+) (?=\d+/{below})'
  return re.compile(
    rf'(?P<first>(?<!/))?(?P<sign>{sign})?(?:[$€£¥₹฿৳]\s?)?(?:{ones})?'
    rf'(?P<whole>{whole})(?P<rest>{rest})?'
    rf'(?(first)(?:\s?/\s?(?P<below>{below}))?)'
  )


def _numbers(text: str, language: str) -> list[str]:
  """Lists the numbers of a text in plain form, such as '-1500' or '0.5'."""
  matches = _pattern(language in _DECIMAL_COMMA).finditer(text)
  return [_plain(match) for match in matches]


def _plain(match: re.Match[str]) -> str:
  # As text, since a model may write a million digits.
  whole = re.sub(r'\D', '', match['whole']).lstrip('0') or '0'
  rest = (match['rest'] or '')[1:].rstrip('0')
  plain = f'{whole}.{rest}' if rest else whole
  if match['below']:
    plain = _divided(match['ones'] or '0', plain, match['below'])
  return f'-{plain}' if match['sign'] and plain != '0' else plain


def _divided(ones: str, above: str, below: str) -> str:
  """Computes '1', '1', '2' as '1.5'; without an end it is a fraction: '1/3'."""
  if max(len(ones), len(above), len(below)) > _MAX_DIGITS:
    return above
  value = int(ones) + Fraction(above) / int(below)
  exact = f'{Decimal(value.numerator) / value.denominator:f}'
  return exact if Fraction(exact) == value else str(value)


def _with_ascii_digits(text: str) -> str:
  """Writes digits of any script, and marks around them, as ASCII has them.

  Superscripts are no digits: 'cm²' has no number. '2½' becomes '2 1/2'.
  """
  ascii = ''.join(_as_ascii(c) if c > '\x7f' else c for c in text)
  return _LATEX.sub(r' \1/\2', ascii.translate(_AS_ASCII))


def _as_ascii(character: str) -> str:
  if character.isdecimal():
    return str(unicodedata.decimal(character))
  if unicodedata.decomposition(character).startswith('<fraction>'):
    return f' {unicodedata.normalize("NFKC", character)}'
  return character
