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
  """SuperGLUE puts a passage's title before it: `Barn owl -- The barn owl`."""
  head, mark, rest = text.partition(' -- ')
  return spaces(rest if mark and len(head) <= 100 else text)


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


_TOKENISED = (
  (re.compile(r"``|''"), '"'),
  (re.compile(r' (n\'t|\'(?:s|re|ve|ll|d|m)\b)', re.IGNORECASE), r'\1'),
  (re.compile(r'\s+([.,;:!?%)\]])'), r'\1'),
  (re.compile(r'([(\[$])\s+'), r'\1'),
  (re.compile(r'" ([^"]*?) ?"'), r'"\1"'),
)


def tokenised(text: str) -> str:
  """Undoes the spaces of a tokeniser.

  >>> print(tokenised("It is n't `` done '' , he said ."))
  It isn't "done", he said.
  """
  for pattern, replacement in _TOKENISED:
    text = pattern.sub(replacement, text)
  return spaces(text)


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


def sentence(text: str) -> str:
  """Without a space before its end.

  >>> sentence('None of the above choices .')
  'None of the above choices.'
  """
  return re.sub(r'\s+([.!?])$', r'\1', spaces(text))


def slots(text: str) -> str:
  """E2E's slots.

  >>> slots('name[The Heron], area[riverside]')
  'name = The Heron, area = riverside'
  """
  return re.sub(r'(\w+)\[([^\]]*)\]', r'\1 = \2', spaces(text))


_FUNCTIONS: tuple[Callable[[str], str], ...] = (
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
  escapes,
  wikihow,
  sentence,
  slots,
)

TIDY: Mapping[str, Callable[[str], str]] = MappingProxyType(
  {f.__name__: f for f in _FUNCTIONS}
)
