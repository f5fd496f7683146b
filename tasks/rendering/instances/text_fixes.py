"""Functions on a text, which the catalog names: they undo what a source did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import html as html_entities
import re
from types import MappingProxyType
import urllib.parse

_SPACES = re.compile(r'[^\S\n]+')
_LINES = re.compile(r' ?\n\s*')
_TAG = re.compile(r'</?[a-zA-Z][^<>]{0,80}>')
_BREAK = re.compile(r'<br ?/?>\s*(?:<br ?/?>\s*)*')


def spaces(text: str) -> str:
  r"""One space for many, none at the ends of lines, no empty lines.

  >>> spaces(' a  b \n\n\n c')
  'a b\nc'
  """
  return _LINES.sub('\n', _SPACES.sub(' ', text)).strip()


def question(text: str) -> str:
  """As a question is written.

  >>> question('who wrote the iliad')
  'Who wrote the iliad?'
  """
  text = ' '.join(text.split())
  if not text:
    return ''
  return text[0].upper() + text[1:] + ('' if text[-1] in '?.!' else '?')


def no_title(text: str) -> str:
  """SuperGLUE puts a passage's title before it: `Barn owl -- The barn owl`.

  Its quotation marks are TeX's.
  """
  head, mark, rest = text.partition(' -- ')
  text = rest if mark and len(head) <= 100 else text
  return spaces(_TEX_QUOTE.sub('"', text))


def plain(text: str) -> str:
  """Without tags and entities."""
  return spaces(html_entities.unescape(_TAG.sub(' ', text)))


def html(text: str) -> str:
  r"""Without tags and entities, with lines where there were breaks.

  >>> html('Great!<br /><br />I &amp; my dog <i>loved</i> it.')
  'Great!\nI & my dog loved it.'
  """
  return plain(_BREAK.sub('\n', text)).replace(' .', '.')


def highlights(text: str) -> str:
  """ReCoRD marks the sentences of an article's box."""
  return spaces(text.replace('@highlight', '\n'))


def placeholder(text: str) -> str:
  """ReCoRD's blank, as our templates write it."""
  return spaces(text.replace('@placeholder', '___'))


def bytes_repr(text: str) -> str:
  r"""Hugging Face's math_dataset has Python's `b'...\n'` around texts.

  >>> bytes_repr(r"b'Solve 3*x = 6 for x.\n'")
  'Solve 3*x = 6 for x.'
  """
  match = re.fullmatch(r"""b(['"])(.*)\1""", text.strip(), re.DOTALL)
  return spaces((match[2] if match else text).replace('\\n', '\n'))


def documents(text: str) -> str:
  """Multi-News puts five bars between its documents; here, an empty line."""
  parts = (spaces(part) for part in text.split('|||||'))
  return '\n\n'.join(part for part in parts if part)


def wiki_title(text: str) -> str:
  """A title from its URL.

  >>> wiki_title('Beyonc%C3%A9_Knowles')
  'Beyoncé Knowles'
  """
  return spaces(urllib.parse.unquote(text).replace('_', ' '))


def quac(text: str) -> str:
  """QuAC's word for no answer, at the end of passages and in its place."""
  return spaces(text.replace('CANNOTANSWER', ''))


_TEX_QUOTE = re.compile(r"``|''")
_TOKENISED = (
  (_TEX_QUOTE, '"'),
  (re.compile(r' (n\'t|\'(?:s|re|ve|ll|d|m)\b)', re.IGNORECASE), r'\1'),
  # Not before a word, as in ".IXIC".
  (re.compile(r'\s+([.,;:!?%)\]]+)(?!\w)'), r'\1'),
  (re.compile(r'([(\[$])\s+'), r'\1'),
)
_QUOTED = re.compile(r'"\s*([^"]*?)\s*"')


def tokenised(text: str) -> str:
  """Undoes the spaces of a tokeniser.

  >>> print(tokenised("It is n't `` done '' , he said ."))
  It isn't "done", he said.
  """
  for pattern, replacement in _TOKENISED:
    text = pattern.sub(replacement, text)
  # With one of them missing, what is quoted cannot be told from the rest.
  if text.count('"') % 2 == 0:
    text = _QUOTED.sub(r'"\1"', text)
  return spaces(text)


def plain_tokens(text: str) -> str:
  """`plain`, and then `tokenised`."""
  return tokenised(plain(text))


_WIRE_TAG = re.compile(
  r'</?(?:a|b|br|em|font|i|img|nobr|p|strong|td|tr)\b[^<>]*>', re.I
)
_WIRE_ENTITY = re.compile(r'( ?)(?:&|\b|(?=#))(#\d+|amp|lt|gt|nbsp);')
_WIRE_QUOTE = re.compile(r'&?\bquot;')


def wire(text: str) -> str:
  r"""AG's news: entities that have lost their ampersand, and backslashes.

  >>> print(wire(r'&lt;DELL.O&gt; doesn #39;t\\sell  quot;them, quot; yet'))
  <DELL.O> doesn't sell "them," yet
  """

  def entity(match: re.Match[str]) -> str:
    character = html_entities.unescape(f'&{match[2]};')
    return character if character == "'" else match[1] + character

  text = _WIRE_QUOTE.sub('"', _WIRE_ENTITY.sub(entity, text))
  text = _WIRE_TAG.sub(' ', text).replace('\\', ' ')
  return tokenised(text)


def escapes(text: str) -> str:
  r"""Yelp's reviews have backslashes for newlines and quotes.

  >>> escapes(r'Good.\nSaid \""wow\"".')
  'Good.\nSaid "wow".'
  """
  text = text.replace('\\n', '\n').replace('\\""', '"').replace('\\"', '"')
  return spaces(text.replace('""', '"'))


def wikihow(text: str) -> str:
  """HellaSwag leaves WikiHow's marks in: `[header] How to ... [step]`."""
  text = re.sub(r'\[(?:header|title|step|substeps)\]', ' ', text)
  return re.sub(r' ([.,])', r'\1', spaces(text))


def slots(text: str) -> str:
  """E2E's slots.

  >>> slots('name[The Heron], priceRange[high]')
  'name = The Heron, price range = high'
  """

  def slot(match: re.Match[str]) -> str:
    return f'{words(match[1])} = {match[2]}'

  return re.sub(r'(\w+)\[([^\]]*)\]', slot, spaces(text))


def words(name: str) -> str:
  """A name in camel case as words; others stay as they are.

  >>> words('familyFriendly'), words('DATE'), words('IATA Location')
  ('family friendly', 'DATE', 'IATA Location')
  """
  if not re.fullmatch(r'[a-z]+(?:[A-Z][a-z]*)+', name):
    return name
  return re.sub(r'(?=[A-Z])', ' ', name).lower()


_FUNCTIONS: tuple[Callable[[str], str], ...] = (
  spaces,
  question,
  no_title,
  plain,
  html,
  highlights,
  placeholder,
  bytes_repr,
  documents,
  wiki_title,
  quac,
  tokenised,
  plain_tokens,
  wire,
  escapes,
  wikihow,
  slots,
)

TIDY: Mapping[str, Callable[[str], str]] = MappingProxyType(
  {f.__name__: f for f in _FUNCTIONS}
)
