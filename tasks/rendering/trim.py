"""Shortens the long field of rows that would not fit into the inputs.

The rule: of a passage the end is cut, at the end of a sentence if there is one
in the last quarter of what may stay, else between words; of a dialogue the
oldest turns go, in pairs, so that the speakers stay who they are. Families say
which field it is; rows of the others are left as they are.
"""

from __future__ import annotations

import dataclasses
import re

from ul2_flan.tasks.rendering.exemplars import CountTokens, questions
from ul2_flan.tasks.rendering.family import Family
from ul2_flan.tasks.rendering.rows import Rows

# No wording of a family takes more tokens, its options' style included.
WORDING_TOKENS = 120

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
  others = [
    ' '.join(str(c[i]) for f, c in rows.columns.items() if f != field and c[i])
    for i in long
  ]
  shortened = []
  for i, own in zip(long, count_tokens(others) if others else [], strict=True):
    room = max_tokens - WORDING_TOKENS - own
    if room < max_tokens // 10:
      continue
    value = _shortened(column[i], room, count_tokens)
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


def _shortened(
  value: str | tuple[str, ...], room: int, count_tokens: CountTokens
) -> str | tuple[str, ...]:
  """A text or a dialogue of at most so many tokens, if that is possible."""
  if isinstance(value, tuple):
    # A turn's mark takes some tokens as well.
    costs = [n + 6 for n in count_tokens(value)]
    while len(value) > 2 and sum(costs) > room:
      value, costs = value[2:], costs[2:]
    return value
  tokens = count_tokens([value])[0]
  while tokens > room:
    # Tokens are not spread evenly: this comes near, then nearer.
    value = _cut(value, int(len(value) * room / tokens))
    tokens = count_tokens([value])[0]
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
