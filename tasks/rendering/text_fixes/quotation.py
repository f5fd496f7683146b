"""Text fixes of quotation marks that a format doubled, or TeX wrote."""

import html
import re

from ul2_flan.tasks.rendering.text_fixes.plain import spaces

TEX_QUOTE = re.compile(r"``|''")
# TeX's marks where what closes is no typing error, as in "don''t".
_TEX_QUOTE_OUTSIDE = re.compile(r"``|''(?!\w)|(?<!\w)''")
_RUN_OF_SPACES = re.compile(' {2,}')
_TWICE = re.compile(r'(?<=\w)""|""(?=\w)')
# "didn ’ t".
_ENDING = re.compile(r"(?<=\w) (['’]) ?(s|t|ve|re|ll|d|m)\b(?! ?['’])")
_SPACE_BEFORE_MARK = re.compile(r'(?<=[\w")]) ([.,;:!?])(?!\S)')


def single_marks(text: str) -> str:
  r"""AESLC: writes a mark once that is there twice, beside a word.

  >>> single_marks('the "gas"" should go')
  'the "gas" should go'
  """
  return spaces(_TWICE.sub('"', text))


def tex_quotes(text: str) -> str:
  r"""CoQA, MNLI, STS-B: writes TeX's quotation marks as plain ones.

  Entities become characters. A few texts have a mark twice, beside a word, or
  spaces before commas and apostrophes.

  >>> tex_quotes("a corporation\"\" or ``so'' , at P&amp;O")
  'a corporation" or "so", at P&O'
  """
  text = single_marks(_TEX_QUOTE_OUTSIDE.sub('"', html.unescape(text)))
  return _SPACE_BEFORE_MARK.sub(r'\1', _ENDING.sub(r'\1\2', text))


def csv_quotes(text: str) -> str:
  r"""Undoes quoting by CSV, where the whole text is one quoted cell.

  >>> csv_quotes('"He said ""so"" twice."'), csv_quotes('"So."')
  ('He said "so" twice.', '"So."')
  """
  if '""' in text and text[0] == text[-1] == '"':
    inside = text[1:-1]
    if '"' not in inside.replace('""', ''):
      text = inside.replace('""', '"')
  # French has other spaces beside its marks, which stay.
  return _RUN_OF_SPACES.sub(' ', text).strip()


def doubled_quotes(text: str) -> str:
  r"""QQP: as `csv_quotes`, and for texts that have lost a part of the cell.

  >>> doubled_quotes('"Is ""it"" so?'), doubled_quotes('Is ""it"" so?')
  ('Is "it" so?', 'Is "it" so?')
  """
  text = csv_quotes(text)
  if '""' in text:
    text = re.sub('"+', '"', text)
    if text.startswith('"') and text.count('"') % 2:
      text = text[1:]
  return spaces(text)


# From the first mark of a line to its last.
_QUOTED_LINE = re.compile(r'(?<=")(.*)(?="$)', re.MULTILINE)


def nested_quotes(text: str) -> str:
  r"""CoT: writes quotations in a line that is itself quoted with single marks.

  >>> nested_quotes('A: ""Yes", she said."')
  'A: "\'Yes\', she said."'
  """
  if '""' in text:
    text = _QUOTED_LINE.sub(lambda m: m[0].replace('"', "'"), text)
  return spaces(text)
