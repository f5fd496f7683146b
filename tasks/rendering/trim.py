"""Shortens the long field of rows that would not fit into the inputs.

The rule: of a passage the end is cut, at the end of a sentence if there is one
in the last quarter of what may stay, else between words; of a dialogue the
oldest turns go, in pairs, so that the speakers stay who they are. Families say
which field it is; rows of the others are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import itertools
import re

from ul2_flan.tasks.rendering.exemplars import CountTokens, questions
from ul2_flan.tasks.rendering.family import Family
from ul2_flan.tasks.rendering.rows import Rows

# No wording of a family takes more tokens, its options' style included.
WORDING_TOKENS = 120

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
    max_tokens: for the inputs. A row whose other fields leave no room for a
      tenth of it is left as it is, to be rejected for its length.
  """
  field = family.trim
  if field not in rows.columns:
    return Trimmed(rows, [])
  # More bytes than tokens, so that most rows need no counting.
  sizes = [
    sum(len(str(v).encode()) for v in row.values() if v is not None)
    for row in rows
  ]
  long = [i for i, n in enumerate(sizes) if n + WORDING_TOKENS >= max_tokens]
  column = list(rows.columns[field])
  texts = {f: c for f, c in rows.columns.items() if f != field}
  others = _tokens(
    [[str(c[i]) for c in texts.values() if c[i]] for i in long], count_tokens
  )
  rooms = {
    i: max_tokens - WORDING_TOKENS - sum(tokens)
    for i, tokens in zip(long, others, strict=True)
  }
  # So are the bytes of the field itself, now that the others are counted.
  doubtful = [
    i
    for i, room in rooms.items()
    if room >= max_tokens // 10 and _bytes(column[i]) > room
  ]
  own = _tokens([_parts(column[i]) for i in doubtful], count_tokens)
  shortened = []
  for i, tokens in zip(doubtful, own, strict=True):
    value = _shortened(column[i], rooms[i], tokens, count_tokens)
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
  count_tokens: CountTokens,
) -> str | tuple[str, ...]:
  """A text or a dialogue of at most so many tokens, if that is possible.

  Args:
    tokens: of the text, or of each turn.
  """
  if isinstance(value, tuple):
    costs = [n + _TURN_TOKENS for n in tokens]
    while len(value) > 2 and sum(costs) > room:
      value, costs = value[2:], costs[2:]
    return value
  (count,) = tokens
  while count > room:
    # Tokens are not spread evenly: this comes near, then nearer.
    value = _cut(value, int(len(value) * room / count))
    (count,) = count_tokens([value])
  return value


def _cut(text: str, chars: int) -> str:
  """The text's beginning, of fewer than so many characters.

  >>> _cut('It rained. It rained again. Then it snowed on and on.', 30)
  'It rained. It rained again.'
  >>> _cut('no sentence ends here', 15)
  'no sentence'
  """
  head = text[: max(chars, 1)]
  ends = [m.end() for m in _SENTENCE_END.finditer(head)]
  if ends and ends[-1] >= 0.75 * len(head):
    return head[: ends[-1]].rstrip()
  words, space, _ = head.rpartition(' ')
  return words.rstrip() if space else head[:-1]
