"""Where a text, or a dialogue, is cut so that it fits a length.

* Of a passage the end is cut: at the end of a sentence if there is one in the
  last quarter of what may stay, else between words.
* Where the passage has the answer, and the cut would take it away, what stays
  is instead a stretch of the passage with the answer's first occurrence near
  its middle. If the answer alone is too long, the passage stays whole.
* Of a passage that is to be continued the beginning is cut.
* A text that brings its question along, as NIv2's and P3's do, keeps both ends:
  the cut is inside its longest line, or where many lines are short, inside the
  text. Its last sentence always stays.
* Of a dialogue the oldest turns go, in pairs, so that the speakers stay who
  they are.
"""

from collections.abc import Callable
import re

from ul2_flan.tasks.rendering.trimming.template_overhead import CountTokens

# The most tokens that any style of `dialog_styles.toml` puts before a turn.
TURN_TOKENS = 6

# Cuts a text to fewer than so many characters; returns '' if it cannot.
Cut = Callable[[str, int], str]

# Stands where the inside of a text was cut out.
_GAP = ' ... '

# Of what stays of a passage, the end gets about one part in so many.
_END_SHARE = 4

# A full stop or the like, closing marks, and white space.
_SENTENCE_END = re.compile(r'[.!?]["”’)]*\s')
# The same in other scripts, and the end of a line, which needs no stop.
_UNIT_END = re.compile(_SENTENCE_END.pattern + r'|[。！？।۔؟]["”’」』)]*|\n')


def shorten(
  value: str | tuple[str, ...],
  room: int,
  tokens: list[int],
  cut: Cut,
  count_tokens: CountTokens,
) -> str | tuple[str, ...]:
  """Returns a text or a dialogue of at most `room` tokens, if it can be cut so.

  Args:
    value: a text, or the turns of a dialogue.
    room: in tokens.
    tokens: how many the text has, or each turn.
    cut: cuts a text to fewer than so many characters; returns '' if it cannot.
    count_tokens: counts the tokens of texts.

  Returns:
    what stays; `value` itself where `cut` cannot cut it.
  """
  if isinstance(value, tuple):
    costs = [n + TURN_TOKENS for n in tokens]
    while len(value) > 2 and sum(costs) > room:
      value, costs = value[2:], costs[2:]
    return value
  (count,) = tokens
  shorter = value
  while count > room:
    # Tokens are not spread evenly over the characters, so the first cut only
    # comes near. Each one takes at least a character, so this ends.
    shorter = cut(shorter, int(len(shorter) * room / count))
    if not shorter:
      return value
    (count,) = count_tokens([shorter])
  return shorter


def cut_text(text: str, chars: int, answer: str = '') -> str:
  """Returns a part of a text, of fewer than `chars` characters.

  The part has the answer if the text has; it is '' if the answer is too long.

  >>> text = 'It rained. Ada was wet. Bo was not, since he had stayed in bed.'
  >>> cut_text(text, 30), cut_text(text, 30, 'Bo')
  ('It rained. Ada was wet.', 'Ada was wet. Bo was not,')
  """
  beginning = _cut_end(text, chars)
  if not answer or answer in beginning or answer not in text:
    return beginning
  at = text.index(answer)
  # As much before the answer as after it, as far as there is text.
  start = min(at - (chars - len(answer)) // 2, len(text) - chars)
  if start > at or chars <= len(answer):
    return ''
  # Start with the next sentence if one starts in the first quarter, else with
  # the next word.
  last = min(at, start + chars // 4)
  # From the text's first character on, since the full stop of a sentence that
  # ends at `start` lies before it.
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
  """Returns the end of a text, of fewer than `chars` characters.

  >>> cut_start('It rained. It rained again.', 15)
  'rained again.'
  """
  # The first word of what is left may be a part of one: it goes too.
  tail = text[len(text) - max(chars, 1) :]
  return tail.partition(' ')[2].lstrip() or tail[1:]


def cut_inside(text: str, chars: int) -> str:
  r"""Returns both ends of a text, together of fewer than `chars` characters.

  What goes is the inside of the longest line, or of the whole text where the
  other lines take more than half of what may stay. A text's last sentence stays
  whole, unless it takes more than three quarters of that.

  >>> cut_inside('It rained. It rained again. Then it snowed. Why?', 25)
  'It rained. ... Why?'
  >>> cut_inside('So it rained and rained again.\nWhy?\nA: fun', 32)
  'So it rained ...\nWhy?\nA: fun'
  """
  longest = max(text.split('\n'), key=len)
  if 2 * (len(text) - len(longest)) > chars:
    longest = text
  before, _, after = text.partition(longest)
  room = chars - len(before) - len(after) - len(_GAP)
  least = room // _END_SHARE
  if least <= 0:
    return ''
  tail = _last_sentences(longest, least)
  if len(tail) > (room // 2 if after else room - least):
    tail = longest[-least:]
    # A part of a word goes, where words have spaces between them.
    tail = tail.partition(' ')[2] if ' ' in longest else tail
  head = _cut_end(longest, room - len(tail))
  return f'{before}{head}{_GAP}{tail}'.rstrip() + after


def _last_sentences(text: str, chars: int) -> str:
  """Returns the last sentence of a text, and more if they have few characters.

  >>> _last_sentences('One. Two. Three.', 11), _last_sentences('One. Two.', 2)
  ('Two. Three.', 'Two.')
  """
  text = text.rstrip()
  starts = [m.end() for m in _UNIT_END.finditer(text) if m.end() < len(text)]
  if not starts:
    return text
  return text[next((s for s in starts if len(text) - s <= chars), starts[-1]) :]


def _cut_end(text: str, chars: int) -> str:
  """Returns the beginning of a text, of fewer than `chars` characters.

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
