"""Shortens the long field of rows that would not fit into the inputs.

The rule: of a passage the end is cut, at the end of a sentence if there is one
in the last quarter of what may stay, else between words; of a dialogue the
oldest turns go, in pairs, so that the speakers stay who they are. Families say
which field it is; rows of the others are left as they are.

Where an answer is to be found in the passage (`Family.trim_keeps`), and would
be cut off with its end, what stays is instead a stretch of the passage with the
answer's first occurrence near its middle. A row whose answer alone is too long
for that is left as it is, to be rejected for its length. Where the passage is
to be continued, its beginning is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
import dataclasses
import functools
import itertools
import re

from ul2_flan.tasks.rendering.exemplars import questions
from ul2_flan.tasks.rendering.family import LIST_FIELDS, Family
from ul2_flan.tasks.rendering.rows import Column, Rows
from ul2_flan.tasks.rendering.wordings import CountTokens, Wordings

# A turn's mark takes as many, at most; so a text by itself may seem longer.
_TURN_TOKENS = 6

_SENTENCE_END = re.compile(r'[.!?]["”’)]*\s')


@dataclasses.dataclass(frozen=True, slots=True)
class Trimmed:
  """Rows, some of them shortened.

  Attributes:
    rows: all of them.
    indices: of those that were shortened.
  """

  rows: Rows
  indices: list[int]


def trim(
  rows: Rows, family: Family, *, max_tokens: int, count_tokens: CountTokens
) -> Trimmed:
  """Shortens rows so that each, with a wording around it, fits.

  Args:
    max_tokens: for the inputs. Where a row's other fields leave no room for a
      tenth of it, the row is shortened as if its options were not shown; if
      that does not help, it is left as it is, to be rejected for its length.
  """
  field = family.trim
  if field not in rows.columns:
    return Trimmed(rows, [])
  wordings = Wordings(family, field, count_tokens)
  # More bytes than tokens, so that most rows need no counting.
  long = [
    i
    for i, row in enumerate(rows)
    if sum(len(str(v).encode()) for v in row.values() if v is not None)
    + wordings.words(len(row.get('options') or ()))
    >= max_tokens
  ]
  column = list(rows.columns[field])
  others = {f: c for f, c in rows.columns.items() if f != field}
  least = max_tokens // 10
  rooms = {}
  for i, (shown, hidden) in zip(
    long, _needed(others, long, wordings, count_tokens), strict=True
  ):
    room = max_tokens - shown
    rooms[i] = room if room >= least else max_tokens - hidden
  # So are the bytes of the field itself, now that the others are counted.
  doubtful = [
    i for i, room in rooms.items() if room >= least and _bytes(column[i]) > room
  ]
  own = _tokens([_parts(column[i]) for i in doubtful], count_tokens)
  shortened = []
  for i, tokens in zip(doubtful, own, strict=True):
    answer = others['answer'][i] if family.trim_keeps == 'answer' else ''
    cut = functools.partial(
      _cut_start if family.trim_keeps == 'end' else _cut, answer=answer
    )
    value = _shortened(column[i], rooms[i], tokens, cut, count_tokens)
    if value != column[i]:
      column[i] = value
      shortened.append(i)
  if not shortened:
    return Trimmed(rows, [])
  columns = {**rows.columns, field: column}
  # Two passages of the same beginning are still two.
  asked = questions(family, rows)
  return Trimmed(
    dataclasses.replace(rows, columns=columns, asked=asked), shortened
  )


def _needed(
  others: Mapping[str, Column],
  indices: Sequence[int],
  wordings: Wordings,
  count_tokens: CountTokens,
) -> Iterator[tuple[int, int]]:
  """The most tokens that these rows take, but for the field to be shortened.

  With their options shown, and without.

  Args:
    others: the rows' other fields.
  """
  present = [[f for f, c in others.items() if c[i]] for i in indices]
  counted = _tokens(
    [
      [
        ' '.join(others[f][i]) if f in LIST_FIELDS else others[f][i]
        for f in fields
      ]
      for i, fields in zip(indices, present, strict=True)
    ],
    count_tokens,
  )
  for i, fields, tokens in zip(indices, present, counted, strict=True):
    known = dict(zip(fields, tokens, strict=True))
    options = others['options'][i] if 'options' in fields else ()
    yield wordings.most(known, len(options)), wordings.most(known, 0)


def _parts(value: str | tuple[str, ...]) -> Sequence[str]:
  """A dialogue's turns, or a text as the only part."""
  return value if isinstance(value, tuple) else (value,)


def _bytes(value: str | tuple[str, ...]) -> int:
  """More than the tokens of a field."""
  return sum(len(part.encode()) + _TURN_TOKENS for part in _parts(value))


def _tokens(
  texts: Sequence[Sequence[str]], count_tokens: CountTokens
) -> list[list[int]]:
  """Tokens of each of some texts of rows."""
  flat = [text for row in texts for text in row]
  counts = iter(count_tokens(flat) if flat else ())
  return [list(itertools.islice(counts, len(row))) for row in texts]


def _shortened(
  value: str | tuple[str, ...],
  room: int,
  tokens: list[int],
  cut: Callable[[str, int], str],
  count_tokens: CountTokens,
) -> str | tuple[str, ...]:
  """A text or a dialogue of at most so many tokens, if that is possible.

  Args:
    tokens: of the text, or of each turn.
    cut: cuts a text to fewer than so many characters; to none if it cannot.
  """
  if isinstance(value, tuple):
    costs = [n + _TURN_TOKENS for n in tokens]
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


def _cut(text: str, chars: int, answer: str = '') -> str:
  """What stays of a text, in fewer than so many characters.

  It has the answer if the text has; it is empty if the answer is too long.

  >>> text = 'It rained. Ada was wet. Bo was not, since he had stayed in bed.'
  >>> _cut(text, 30), _cut(text, 30, 'Bo')
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


def _cut_start(text: str, chars: int, answer: str = '') -> str:
  """The text's end, of fewer than so many characters.

  >>> _cut_start('It rained. It rained again.', 15)
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
