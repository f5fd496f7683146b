"""A text, or a dialogue, cut to a length: the rules are those of `trim`."""

from __future__ import annotations

from collections.abc import Callable
import re

from ul2_flan.tasks.rendering.trimming.overhead import CountTokens

# A turn's mark takes as many, at most; so a text by itself may seem longer.
TURN_TOKENS = 6

# Cuts a text to fewer than so many characters; to none if it cannot.
Cut = Callable[[str, int], str]

_SENTENCE_END = re.compile(r'[.!?]["”’)]*\s')


def shorten(
  value: str | tuple[str, ...],
  room: int,
  tokens: list[int],
  cut: Cut,
  count_tokens: CountTokens,
) -> str | tuple[str, ...]:
  """A text or a dialogue of at most so many tokens, if that is possible.

  Args:
    tokens: of the text, or of each turn.
    cut: cuts a text to fewer than so many characters; to none if it cannot.
  """
  if isinstance(value, tuple):
    costs = [n + TURN_TOKENS for n in tokens]
    while len(value) > 2 and sum(costs) > room:
      value, costs = value[2:], costs[2:]
    return value
  (count,) = tokens
  shorter = value
  while count > room:
    # Tokens are not spread evenly: this comes near, then nearer.
    shorter = cut(shorter, int(len(shorter) * room / count))
    if not shorter:
      return value
    (count,) = count_tokens([shorter])
  return shorter


def cut_text(text: str, chars: int, answer: str = '') -> str:
  """What stays of a text, in fewer than so many characters.

  It has the answer if the text has; it is empty if the answer is too long.

  >>> text = 'It rained. Ada was wet. Bo was not, since he had stayed in bed.'
  >>> cut_text(text, 30), cut_text(text, 30, 'Bo')
  ('It rained. Ada was wet.', 'Ada was wet. Bo was not,')
  """
  beginning = _cut_end(text, chars)
  if not answer or answer in beginning or answer not in text:
    return beginning
  at = text.index(answer)
  start = min(at - (chars - len(answer)) // 2, len(text) - chars)
  if start > at or chars <= len(answer):
    return ''
  # From the next sentence on, or the next word.
  last = min(at, start + chars // 4)
  ends = [m.end() for m in _SENTENCE_END.finditer(text, 0, last)]
  if ends and ends[-1] >= start:
    start = next(end for end in ends if end >= start)
  elif (space := text.find(' ', start, at)) >= 0:
    start = space + 1
  rest = text[start:]
  if len(rest) > chars:
    rest = _cut_end(rest, chars)
  return rest if answer in rest and len(rest) < len(text) else ''


def cut_start(text: str, chars: int) -> str:
  """The text's end, of fewer than so many characters.

  >>> cut_start('It rained. It rained again.', 15)
  'rained again.'
  """
  tail = text[len(text) - max(chars, 1) :]
  return tail.partition(' ')[2].lstrip() or tail[1:]


def _cut_end(text: str, chars: int) -> str:
  """The text's beginning, of fewer than so many characters.

  >>> _cut_end('It rained. It rained again. Then it snowed on and on.', 30)
  'It rained. It rained again.'
  >>> _cut_end('no sentence ends here', 15)
  'no sentence'
  """
  head = text[: max(chars, 1)]
  ends = [m.end() for m in _SENTENCE_END.finditer(head)]
  if ends and ends[-1] >= 0.75 * len(head):
    return head[: ends[-1]].rstrip()
  words, space, _ = head.rpartition(' ')
  return words.rstrip() if space else head[:-1]
