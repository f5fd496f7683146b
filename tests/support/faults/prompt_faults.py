"""Rules that a carefully written prompt keeps: spaces, marks, labels, words."""

from collections.abc import Iterator
import re

# These hold for prose only: code may have such spaces and braces.
RULES = {
  'doubled space': r'  ',
  'space at the end of a line': r'[ \t]\n',
  'space at the start of a line': r'\n[ \t]',
  'space before a mark': r' [,;:!?](?=\s|$)| \.(?=\s|$)',
  'brace': r'[{}]',
  'nothing in quotes or brackets': r'["“] *["”]|\( *\)|\[ *\]',
}
ALWAYS = {
  'white space around it': r'\A\s|\s\Z',
  'four newlines': r'\n{4}',
  'slot that was not filled': r'%s|\bNone\b|\|\|\|',
  'sentinel': r'<extra_id|</s>|<pad>|<unk>',
  'HTML': r'<br|&(?:amp|lt|gt|quot|#\d+);',
  'word twice': r'(?i)(?<![\w\'])(?!a\b)(\w{2,}) \1\b',
  'mark after a mark': (
    r'[?!,;:]\.(?!\w)|\.,|,,|;;|\?\?|(?<!\.)\.\.(?!\.)|\?["”][?.,]'
  ),
  'label after a label': (
    r'(?m)^[\[(]?[A-Z]\w*(?: \d+)?(?:: |[\])] )[A-Z]\w*(?: \d+)?: '
  ),
  'options after a colon': r':\n(?:Options|OPTIONS|Choices|[A-Z]\w+ answers):',
  'a before a vowel': r'\ba [aeiou]\w+|\ban [bcdfgjklmnpqrstvwxyz]\w+',
}
# In a question without exemplars: the mark of an option, and no option.
MARK = r'(?m)^(?:[(\[#]?(?:[A-Za-z]|\d+|[ivxIVX]+)[)\].:]|[-*+•>])$(?=\n)'

_RULES = {name: re.compile(rule) for name, rule in RULES.items()}
_ALWAYS = {name: re.compile(rule) for name, rule in ALWAYS.items()}
_MARK = re.compile(MARK)


def faults(
  text: str, *, code: bool = False, zero: bool = False
) -> Iterator[str]:
  """Names each rule that a text breaks, and quotes the place.

  Args:
    text: inputs or targets.
    code: whether there is code in it.
    zero: whether it is a question without exemplars.
  """
  if not text:
    yield 'empty'
  for name, rule in {**_ALWAYS, **({} if code else _RULES)}.items():
    for match in rule.finditer(text):
      start, stop = match.span()
      yield f'{name}: {text[max(0, start - 30) : stop + 30]!r}'
  if zero and (match := _MARK.search(text)):
    yield f'mark without an option: {text[max(0, match.start() - 60) :]!r}'
