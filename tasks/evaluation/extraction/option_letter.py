"""The letter of an option, alone or after 'the answer is'."""

import re

from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted

# `(B)`, `B)`, `B.`, `B:`, `[B]`, `B`, and the same with the option's text after
# it. A bare letter counts only where nothing but a mark or the end follows, so
# that 'A dog' is no answer A.
_OPENING = r'(?:\*\*|")?(?:(?:[Oo]ption|[Cc]hoice)\s+)?'
_MARK = re.compile(
  rf'{_OPENING}(?:[(\[]\s*([A-Ja-j])\s*[)\]]|([A-Ja-j])(?=[).:]|\W*$))(.*)',
  re.DOTALL,
)
_PREFIX = re.compile(r'(?:[Ff]inal\s+)?[Aa]nswer\s*:\s*')
_CUE = re.compile(r'answer\s+is(?:\s*:)?\s*', re.IGNORECASE)
_IN_BRACKETS = re.compile(r'\(([A-J])\)')
# What makes two answers of one: 'or (B)', 'and C', '/ D', ', (B)'.
_ANOTHER = re.compile(
  r'\W*(?:\bor\b|\band\b|/|,|&)\s*(?:[(\[]?\s*[A-Ja-j]\s*[)\]]|[A-J](?=\W|$))'
)


def names_another(rest: str) -> bool:
  """Whether a text after an option begins with a second one.

  >>> names_another(' or (B)'), names_another(' or maybe not')
  (True, False)
  """
  return bool(_ANOTHER.match(rest))


def option_letter(text: str, language: str = 'en') -> Extracted:
  """Reads an answer that is nothing but an option, with or without its text.

  Who names two options has not answered.

  >>> option_letter('(B) blue'), option_letter('Answer: c.')
  (Extracted(answer='B', how='whole'), Extracted(answer='C', how='whole'))
  >>> option_letter('(A) or (B)'), option_letter('A dog')
  (Extracted(answer='', how='none'), Extracted(answer='', how='none'))
  """
  text = text.strip()
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
  letters = _IN_BRACKETS.findall(text)
  guess = option_letter(text).answer or (letters[-1] if letters else '')
  return Extracted(guess, 'fallback') if guess else NONE
