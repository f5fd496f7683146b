"""Text fixes of white space, tags and entities, and of questions."""

import html as html_entities
import re

# A tag is short, and starts with a letter: "1 < 2" has none.
_TAG = re.compile(r'</?[a-zA-Z][^<>]{0,80}>')
_BREAK = re.compile(r'<br ?/?>\s*(?:<br ?/?>\s*)*')


def spaces(text: str) -> str:
  r"""Writes one space for many, none at the ends of lines, no empty lines.

  >>> spaces(' a  b \n\n\n c')
  'a b\nc'
  """
  # To Python, all white space but a space is not printable.
  if text.isprintable() and '  ' not in text:
    return text.strip()
  lines = [' '.join(line.split()) for line in text.split('\n')]
  return '\n'.join(filter(None, lines))


def question(text: str) -> str:
  """Writes a question with a capital and a mark.

  >>> question('who wrote the iliad')
  'Who wrote the iliad?'
  """
  text = ' '.join(text.split())
  if not text:
    return ''
  return text[0].upper() + text[1:] + ('' if text[-1] in '?.!' else '?')


def plain(text: str) -> str:
  """Removes tags, and replaces entities by their characters."""
  return spaces(html_entities.unescape(_TAG.sub(' ', text)))


def html(text: str) -> str:
  r"""As `plain`, and starts a new line where there was a break.

  >>> html('Great!<br /><br />I &amp; my dog <i>loved</i> it.')
  'Great!\nI & my dog loved it.'
  """
  return plain(_BREAK.sub('\n', text)).replace(' .', '.')
