"""Text fixes: functions, named by the catalog, that undo what a source did."""

from collections.abc import Callable, Mapping
import html as html_entities
import re
import urllib.parse

# White space but for newlines; newlines with what stands around them.
_SPACES = re.compile(r'[^\S\n]+')
_LINES = re.compile(r' ?\n\s*')
# A tag is short, and starts with a letter: "1 < 2" has none.
_TAG = re.compile(r'</?[a-zA-Z][^<>]{0,80}>')
_BREAK = re.compile(r'<br ?/?>\s*(?:<br ?/?>\s*)*')


def spaces(text: str) -> str:
  r"""Writes one space for many, none at the ends of lines, no empty lines.

  >>> spaces(' a  b \n\n\n c')
  'a b\nc'
  """
  return _LINES.sub('\n', _SPACES.sub(' ', text)).strip()


def question(text: str) -> str:
  """Writes a question with a capital and a mark.

  >>> question('who wrote the iliad')
  'Who wrote the iliad?'
  """
  text = ' '.join(text.split())
  if not text:
    return ''
  return text[0].upper() + text[1:] + ('' if text[-1] in '?.!' else '?')


def no_title(text: str) -> str:
  """SuperGLUE: drops the title before a passage: `Barn owl -- The barn owl`.

  Its quotation marks are TeX's, and become plain ones.
  """
  head, mark, rest = text.partition(' -- ')
  text = rest if mark and len(head) <= 100 else text
  return spaces(_TEX_QUOTE.sub('"', text))


def plain(text: str) -> str:
  """Removes tags, and replaces entities by their characters."""
  return spaces(html_entities.unescape(_TAG.sub(' ', text)))


def html(text: str) -> str:
  r"""As `plain`, and starts a new line where there was a break.

  >>> html('Great!<br /><br />I &amp; my dog <i>loved</i> it.')
  'Great!\nI & my dog loved it.'
  """
  return plain(_BREAK.sub('\n', text)).replace(' .', '.')


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


_TEX_QUOTE = re.compile(r"``|''")
_TWICE = re.compile(r'(?<=\w)""|""(?=\w)')
# The Penn Treebank's rules, backwards: quotes, endings, marks, brackets.
_TOKENISED = (
  # MRPC splits "don't" at another place.
  (re.compile(r"(?<=\w) ?n 't\b"), "n't"),
  (_TEX_QUOTE, '"'),
  (re.compile(r' (n\'t|\'(?:s|re|ve|ll|d|m)\b)', re.IGNORECASE), r'\1'),
  # Not before a word, as in ".IXIC".
  (re.compile(r'\s+([.,;:!?%)\]]+)(?!\w)'), r'\1'),
  (re.compile(r'([(\[$])\s+'), r'\1'),
)
_QUOTED = re.compile(r'"\s*([^"]*?)\s*"')


def tokenised(text: str) -> str:
  """Removes the spaces that a tokeniser put before marks and endings.

  >>> print(tokenised("It is n't `` done '' , he said ."))
  It isn't "done", he said.
  """
  for pattern, replacement in _TOKENISED:
    text = pattern.sub(replacement, text)
  # With an odd number of marks, what is quoted cannot be told from the rest.
  if text.count('"') % 2 == 0:
    text = _QUOTED.sub(r'"\1"', text)
  return spaces(text)


_BRACKETS = {'-lrb-': '(', '-rrb-': ')', '-lsb-': '[', '-rsb-': ']'}
_BRACKET = re.compile('|'.join(_BRACKETS), re.IGNORECASE)


def brackets(text: str) -> str:
  """Gigaword: applies `tokenised`, with the Treebank's brackets as brackets.

  >>> brackets('the fed -lrb- us -rrb- said so .')
  'the fed (us) said so.'
  """
  return tokenised(_BRACKET.sub(lambda m: _BRACKETS[m[0].lower()], text))


def tex_quotes(text: str) -> str:
  r"""CoQA: applies `spaces`, and writes TeX's quotation marks as plain ones.

  A few passages have a mark twice, beside a word.

  >>> tex_quotes("a corporation\"\" or ``so''")
  'a corporation" or "so"'
  """
  return spaces(_TWICE.sub('"', _TEX_QUOTE.sub('"', text)))


def doubled_quotes(text: str) -> str:
  r"""QQP: undoes quoting by CSV: a quote of the text was doubled.

  >>> doubled_quotes('"Is ""it"" so?'), doubled_quotes('Is ""it"" so?')
  ('Is "it" so?', 'Is "it" so?')
  """
  text = re.sub('"+', '"', text)
  return spaces(
    text[1:] if text.startswith('"') and text.count('"') % 2 else text
  )


# The end of "LONDON, England (CNN) -- "; and of "PUBLISHED: ... 2 May 2013 . ".
_BYLINE = re.compile(r'^.{0,300}?(?:\) -- |\b201[234] \. )', re.DOTALL)


def byline(text: str) -> str:
  """CNN/DailyMail: applies `plain`, and drops the by-line.

  >>> byline('LONDON, England (CNN) -- It rained.')
  'It rained.'
  """
  return plain(_BYLINE.sub('', text))


def plain_tokens(text: str) -> str:
  """Applies `plain`, and then `tokenised`."""
  return tokenised(plain(text))


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
    # An apostrophe belongs to the word before it: "doesn #39;t".
    return character if character == "'" else match[1] + character

  text = _WIRE_QUOTE.sub('"', _WIRE_ENTITY.sub(entity, text))
  text = _WIRE_TAG.sub(' ', text).replace('\\', ' ')
  return tokenised(text)


def escapes(text: str) -> str:
  r"""Yelp: replaces the backslashes that stand for newlines and quotes.

  >>> escapes(r'Good.\nSaid \""wow\"".')
  'Good.\nSaid "wow".'
  """
  text = text.replace('\\n', '\n').replace('\\""', '"').replace('\\"', '"')
  return spaces(text.replace('""', '"'))


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
  slots, brackets, tex_quotes, doubled_quotes, byline,
)  # fmt: skip

# The fixes by their names, as `tidy` in the catalog's TOML has them.
TIDY: Mapping[str, Callable[[str], str]] = {f.__name__: f for f in _FUNCTIONS}
