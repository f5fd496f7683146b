"""Text fixes of single sources, and the names of all text fixes."""

from collections.abc import Callable, Mapping
import contextlib
import html as html_entities
import re
import urllib.parse

from ul2_flan.tasks.rendering.text_fixes.plain import (
  html,
  plain,
  question,
  spaces,
)
from ul2_flan.tasks.rendering.text_fixes.quotation import (
  TEX_QUOTE,
  csv_quotes,
  doubled_quotes,
  nested_quotes,
  single_marks,
  tex_quotes,
)
from ul2_flan.tasks.rendering.text_fixes.tokens import (
  brackets,
  nested_tokens,
  plain_tokens,
  tokenised,
)


def no_title(text: str) -> str:
  """SuperGLUE: drops the title before a passage: `Barn owl -- The barn owl`.

  Its quotation marks are TeX's, and become plain ones.
  """
  head, mark, rest = text.partition(' -- ')
  text = rest if mark and len(head) <= 100 else text
  return spaces(TEX_QUOTE.sub('"', text))


def highlights(text: str) -> str:
  """ReCoRD: starts a line where it marks a sentence of an article's box."""
  return spaces(text.replace('@highlight', '\n'))


def placeholder(text: str) -> str:
  """ReCoRD: writes the blank as our templates do."""
  return spaces(text.replace('@placeholder', '___'))


def bytes_repr(text: str) -> str:
  r"""Hugging Face's math_dataset: takes texts out of Python's `b'...\n'`.

  >>> bytes_repr(r"b'Solve 3*x = 6 for x.\n'")
  'Solve 3*x = 6 for x.'
  """
  match = re.fullmatch(r"""b(['"])(.*)\1""", text.strip(), re.DOTALL)
  return spaces((match[2] if match else text).replace('\\n', '\n'))


def documents(text: str) -> str:
  """Multi-News: writes an empty line for the five bars between documents."""
  parts = (spaces(part) for part in text.split('|||||'))
  return '\n\n'.join(part for part in parts if part)


def wiki_title(text: str) -> str:
  """Returns a title of Wikipedia from its URL.

  >>> wiki_title('Beyonc%C3%A9_Knowles')
  'Beyoncé Knowles'
  """
  return spaces(urllib.parse.unquote(text).replace('_', ' '))


def quac(text: str) -> str:
  """QuAC: drops its word for no answer, also from the ends of passages."""
  return spaces(text.replace('CANNOTANSWER', ''))


# The end of "LONDON, England (CNN) -- "; and of "PUBLISHED: ... 2 May 2013 . ".
_BYLINE = re.compile(r'^.{0,300}?(?:\) -- |\b201[234] \. )', re.DOTALL)


def byline(text: str) -> str:
  """CNN/DailyMail: applies `plain`, and drops the by-line.

  >>> byline('LONDON, England (CNN) -- It rained.')
  'It rained.'
  """
  return plain(_BYLINE.sub('', text))


# The tags that occur there; "<DELL.O>" is the symbol of a share.
_WIRE_TAG = re.compile(
  r'</?(?:a|b|br|em|font|i|img|nobr|p|strong|td|tr)\b[^<>]*>', re.I
)
# "#39;" and "lt;", with or without their ampersand.
_WIRE_ENTITY = re.compile(r'( ?)(?:&|\b|(?=#))(#\d+|amp|lt|gt|nbsp);')
_WIRE_QUOTE = re.compile(r'&?\bquot;')


def wire(text: str) -> str:
  r"""AG's news: mends entities without an ampersand, and drops backslashes.

  >>> print(wire(r'&lt;DELL.O&gt; doesn #39;t\\sell  quot;them, quot; yet'))
  <DELL.O> doesn't sell "them," yet
  """

  def entity(match: re.Match[str]) -> str:
    character = html_entities.unescape(f'&{match[2]};')
    # An apostrophe belongs to the word before it: "doesn #39;t"; so does an
    # ampersand that the next word follows: "J amp;J".
    joined = character == '&' and text[match.end() : match.end() + 1].isalnum()
    return character if character == "'" or joined else match[1] + character

  text = _WIRE_ENTITY.sub(entity, text)
  text = _WIRE_QUOTE.sub('"', text)
  text = _WIRE_TAG.sub(' ', text).replace('\\', ' ')
  return tokenised(text)


# UTF-16's units, as JSON has them.
_UNITS = re.compile(r'(?:\\u[0-9a-f]{4})+')


def escapes(text: str) -> str:
  r"""Yelp: replaces the backslashes that stand for newlines, quotes, letters.

  >>> escapes(r'Good.\nSaid \""wow\"" in a caf\u00e9.')
  'Good.\nSaid "wow" in a café.'
  """

  def letters(match: re.Match[str]) -> str:
    units = bytes.fromhex(match[0].replace(r'\u', ''))
    return units.decode('utf-16-be', 'replace')

  text = _UNITS.sub(letters, text)
  text = text.replace('\\n', '\n').replace('\\""', '"').replace('\\"', '"')
  return spaces(text.replace('""', '"'))


# A line's end in an encoded mail, where it is not the end of the line.
_SOFT_END = re.compile(r'(?<=\S)=\s(?=\S)')


def mail(text: str) -> str:
  r"""AESLC: decodes what stays of quoted-printable mail (RFC 2045, 6.7).

  >>> mail('We have a=20 plan, an= d it is =2Egood=2E')
  'We have a plan, and it is .good.'
  """
  if '=20' in text:
    text = _SOFT_END.sub('', text)
    text = re.sub('=([2-7][0-9A-F])', lambda m: chr(int(m[1], 16)), text)
  return single_marks(text)


# UTF-8's two or three bytes of a letter or mark, each as a character.
_MOJIBAKE = re.compile('[ÂÃâ][\u0080-\u00bf\u0152-\u2122]{1,2}')


def mojibake(text: str) -> str:
  """XSum, AQuA: mends UTF-8 that was read as Windows-1252.

  >>> mojibake('Â£5m â€“ so â€˜theyâ€™ say')
  '£5m – so ‘they’ say'
  """

  def mended(match: re.Match[str]) -> str:
    for size in (3, 2):
      with contextlib.suppress(UnicodeError):
        letter = match[0][:size].encode('cp1252').decode()
        return letter + match[0][size:]
    return match[0]

  return spaces(_MOJIBAKE.sub(mended, text))


def wikihow(text: str) -> str:
  """HellaSwag: drops WikiHow's marks: `[header] How to ... [step]`."""
  text = re.sub(r'\[(?:header|title|step|substeps)\]', ' ', text)
  return re.sub(r' ([.,])', r'\1', spaces(text))


def slots(text: str) -> str:
  """E2E: writes its slots as words.

  >>> slots('name[The Heron], priceRange[high]')
  'name = The Heron, price range = high'
  """

  def slot(match: re.Match[str]) -> str:
    return f'{words(match[1])} = {match[2]}'

  return re.sub(r'(\w+)\[([^\]]*)\]', slot, spaces(text))


def words(name: str) -> str:
  """Splits a name in camel case into words; others stay as they are.

  >>> words('familyFriendly'), words('DATE'), words('IATA Location')
  ('family friendly', 'DATE', 'IATA Location')
  """
  if not re.fullmatch(r'[a-z]+(?:[A-Z][a-z]*)+', name):
    return name
  return re.sub(r'(?=[A-Z])', ' ', name).lower()


_FUNCTIONS: tuple[Callable[[str], str], ...] = (
  spaces, question, no_title, plain, html, highlights, placeholder, bytes_repr,
  documents, wiki_title, quac, tokenised, plain_tokens, wire, escapes, wikihow,
  slots, brackets, tex_quotes, doubled_quotes, byline, csv_quotes,
  nested_quotes, nested_tokens, mail, mojibake,
)  # fmt: skip

# The fixes by their names, as `tidy` in the catalog's TOML has them.
TIDY: Mapping[str, Callable[[str], str]] = {f.__name__: f for f in _FUNCTIONS}
