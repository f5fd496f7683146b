"""Text fixes that undo what tokenisers did, by the Penn Treebank's rules."""

import re

from ul2_flan.tasks.rendering.text_fixes.plain import plain, spaces
from ul2_flan.tasks.rendering.text_fixes.quotation import TEX_QUOTE

# What a text has one of, for the sake of speed; then what is replaced, in this
# order. Some sources split at apostrophes again: "do n 't", "Earth ’ s", "O
# 'Brien"; and quote with a grave accent.
_APOSTROPHES = (
  (("n '", 'n ’'), re.compile(r"(?<=\w) ?n (['’]) ?t\b"), r'n\1t'),
  (('``', "''"), TEX_QUOTE, '"'),
  (("' '",), re.compile(r"(?<!\S)' '(?!\S)"), '"'),
  (('`',), re.compile(r"(?<![\w`])` ?([^`\n]{1,99}?) ?'(?!\w)"), r"'\1'"),
  (
    (" '", " n'", " N'"),
    re.compile(r" (n't|'(?:s|re|ve|ll|d|m)\b)", re.IGNORECASE),
    r'\1',
  ),
  ((" ' ", ' ’'), re.compile(r" (['’]) ?(s|re|ve|ll|d|m)\b(?! ['’])"), r'\1\2'),
  ((" '",), re.compile(r"\b([DLO]) '(?=[A-Z])"), r"\1'"),
)
# "attorneys ' fees": a second such mark would make it a quotation.
_POSSESSIVE = re.compile(r"(?<=s) ' (?=\w)")
_MARKS = (
  # "gonna", "gotta", "gimme".
  (
    ('n na', 't ta', 'm me'),
    re.compile(
      r'\b(gon(?= na)|wan(?= na)|got(?= ta)|[gl][ei]m(?= me)) (?=..\b)', re.I
    ),
    r'\1',
  ),
  # "6 : 30", "5 / 8".
  ((' : ', ' / '), re.compile(r'(?<=\d) ([:/]) (?=\d)'), r'\1'),
  # Not before a word, as in ".IXIC".
  ((' ', '\n'), re.compile(r'\s+([.,;:!?%)\]]+)(?!\w)'), r'\1'),
  (('(', '[', '$'), re.compile(r'([(\[$])\s+'), r'\1'),
)
# Two marks with nothing between them end a quotation, and begin the next.
_QUOTED = re.compile(r'"\s*([^"\s][^"]*?)\s*"')


def tokenised(text: str) -> str:
  """Removes the spaces that a tokeniser put before marks and endings.

  >>> print(tokenised("It is n't `` done '' , he said ."))
  It isn't "done", he said.
  >>> print(tokenised("The cat ’ s name is ` Ada ' , at 6 : 30 ."))
  The cat’s name is 'Ada', at 6:30.
  """
  for signs, pattern, replacement in _APOSTROPHES:
    if any(sign in text for sign in signs):
      text = pattern.sub(replacement, text)
  if text.count(" ' ") == 1:
    text = _POSSESSIVE.sub("' ", text)
  for signs, pattern, replacement in _MARKS:
    if any(sign in text for sign in signs):
      text = pattern.sub(replacement, text)
  # With an odd number of marks, what is quoted cannot be told from the rest.
  if '"' in text and text.count('"') % 2 == 0:
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


def plain_tokens(text: str) -> str:
  """Applies `plain`, and then `tokenised`."""
  return tokenised(plain(text))


def nested_tokens(text: str) -> str:
  r"""e-SNLI: as `tokenised`, and quotations in its quoted lines are single.

  >>> print(nested_tokens('"A sign says `` Lotos . \'\'"'))
  "A sign says 'Lotos.'"
  """
  return tokenised(text.replace('``', '`').replace("''", "'"))
