"""The letter of an option, alone or after 'the answer is'."""

import re
import unicodedata

from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted

# `(B)`, `B)`, `B.`, `B:`, `B - `, `[B]`, `B`, and the same with the option's
# text after it. A bare letter counts only where nothing but a mark or the end
# follows, so that 'A dog' is no answer A.
_OPENING = r'[*"\'`$]*(?:\\(?:boxed|text)\{)*(?:(?:[Oo]ption|[Cc]hoice)\s+)?'
_MARK = re.compile(
  rf'{_OPENING}(?:[(\[]\s*([A-Ja-j])\s*[)\]]'
  r'|([A-Ja-j])(?=[).:]|\s-\s|\W*$))(.*)',
  re.DOTALL,
)
_PREFIX = re.compile(
  r'(?:the\s+)?(?:(?:final|correct|best|right)\s+)?'
  r'answer\s*(?::|is\b(?:\s*:)?)\s*',
  re.IGNORECASE,
)
_CUE = re.compile(r'answer\s+is(?:\s*:)?\s*', re.IGNORECASE)
_IN_BRACKETS = re.compile(r'\(([A-J])\)')
_BRACKETED = r'[(\[]\s*[A-Ja-j]\s*[)\]]'
# What makes two answers of one: '(B)' at once, 'or (B)', 'and C', '/ D'.
_ANOTHER = re.compile(
  rf'[\s,;|/&*"]*{_BRACKETED}'
  rf'|\W*(?:\bor\b|\band\b|/|,|&)\s*(?:{_BRACKETED}|[A-Ja-j]\)|[A-J](?=\W|$))'
  # With the text of the first: '(A) red or (B) blue'.
  rf'|[^()\[\],;.\n]*\bor\s+{_BRACKETED}'
)
# Two more options in order, each with a text: '… (B) red (C) blue'. Whoever
# writes 'since (B) and (C) are wrong' gives reasons.
_LISTED = re.compile(
  r'[^()\[\].]*\(([A-J])\)[^()\[\].]*\w[^()\[\].]*'
  r'(?<!\band\s)(?<!\bor\s)(?<!,\s)\(([A-J])\)'
)


def names_another(rest: str) -> bool:
  """Whether a text after an option names a second one, or lists them all.

  >>> names_another(' or (B)'), names_another(' or maybe not')
  (True, False)
  >>> names_another(' red (B) blue (C) green'), names_another(', not (B)')
  (True, False)
  """
  listed = _LISTED.match(rest)
  return bool(_ANOTHER.match(rest)) or (
    listed is not None and ord(listed[2]) == ord(listed[1]) + 1
  )


def option_letter(text: str, language: str = 'en') -> Extracted:
  """Reads an answer that is nothing but an option, with or without its text.

  Who names two options has not answered.

  >>> option_letter('(B) blue'), option_letter('Answer: c.')
  (Extracted(answer='B', how='whole'), Extracted(answer='C', how='whole'))
  >>> option_letter('(A) or (B)'), option_letter('A dog')
  (Extracted(answer='', how='none'), Extracted(answer='', how='none'))
  """
  # Brackets and letters of full width are the same.
  text = unicodedata.normalize('NFKC', text).strip()
  if prefix := _PREFIX.match(text):
    text = text[prefix.end() :]
  match = _MARK.match(text)
  if not match or names_another(match[3]):
    return NONE
  return Extracted((match[1] or match[2]).upper(), 'whole')


def option_after_cue(text: str, language: str = 'en') -> Extracted:
  """Reads the option that follows the last 'answer is'.

  Without these words, the guess is a text that is nothing but an option, or
  else the last letter in brackets.

  >>> option_after_cue('It is not (A). The answer is (B).')
  Extracted(answer='B', how='cue')
  >>> option_after_cue('So I take (C), I think')
  Extracted(answer='C', how='fallback')
  >>> option_after_cue('The answer is (A) or (B).')
  Extracted(answer='', how='none')
  """
  cues = [*_CUE.finditer(text)]
  if cues:
    found = option_letter(text[cues[-1].end() :])
    return found._replace(how='cue') if found.answer else NONE
  guess = option_letter(text).answer
  if not guess:
    matches = [*_IN_BRACKETS.finditer(text)]
    before = matches[-2:-1]
    if matches and not any(names_another(text[m.end() :]) for m in before):
      guess = matches[-1][1]
  return Extracted(guess, 'fallback') if guess else NONE
