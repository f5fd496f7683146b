"""Shortens the long field of rows that would not fit into the inputs.

The rule: of a passage the end is cut, at the end of a sentence if there is one
in the last quarter of what may stay, else between words; of a dialogue the
oldest turns go, in pairs, so that the speakers stay who they are. Families say
which field it is; rows of the others are left as they are.

Where an answer is to be found in the passage (`Family.trim_keeps`), and would
be cut off with its end, what stays is instead a stretch of the passage with the
answer's first occurrence near its middle. A row whose answer alone is too long
for that is left as it is, to be rejected for its length. Rows to evaluate with
are cut as if the answer were not known: else where it stands would tell it.
Where the passage is to be continued, its beginning is cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import functools
import itertools

from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering.few_shot.pool import questions
from ul2_flan.tasks.rendering.instances.instances import Column, Instances
from ul2_flan.tasks.rendering.templates.family import LIST_FIELDS, Family
from ul2_flan.tasks.rendering.trimming.cutting import (
  TURN_TOKENS,
  Cut,
  cut_start,
  cut_text,
  shorten,
)
from ul2_flan.tasks.rendering.trimming.overhead import CountTokens, Wordings


@dataclasses.dataclass(frozen=True, slots=True)
class Trimmed:
  """Rows, some of them shortened.

  Attributes:
    rows: all of them.
    indices: of those that were shortened.
  """

  rows: Instances
  indices: list[int]


def trim(
  rows: Instances,
  family: Family,
  *,
  max_tokens: int,
  count_tokens: CountTokens,
  held_out: Bools | None = None,
) -> Trimmed:
  """Shortens rows so that each, with a wording around it, fits.

  Args:
    max_tokens: for the inputs. Where a row's other fields leave no room for a
      tenth of it, the row is shortened as if its options were not shown; if
      that does not help, it is left as it is, to be rejected for its length.
    count_tokens: how many tokens texts have.
    held_out: bool [n], rows to evaluate with; by default none.
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
  others = {f: c for f, c in rows.columns.items() if f != field}
  column = list(rows.columns[field])
  rooms = _rooms(others, long, wordings, max_tokens, count_tokens)
  # So are the bytes of the field itself, now that the others are counted.
  doubtful = [i for i, room in rooms.items() if _bytes(column[i]) > room]
  own = _tokens([_parts(column[i]) for i in doubtful], count_tokens)
  shortened = []
  for i, tokens in zip(doubtful, own, strict=True):
    cut: Cut = cut_start if family.trim_keeps == 'end' else cut_text
    known = held_out is None or not held_out[i]
    if family.trim_keeps == 'answer' and known:
      cut = functools.partial(cut_text, answer=others['answer'][i])
    value = shorten(column[i], rooms[i], tokens, cut, count_tokens)
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


def _rooms(
  others: Mapping[str, Column],
  indices: Sequence[int],
  wordings: Wordings,
  max_tokens: int,
  count_tokens: CountTokens,
) -> dict[int, int]:
  """The tokens there are for the field in these rows, where that is enough.

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
  least = max_tokens // 10
  rooms = {}
  for i, fields, tokens in zip(indices, present, counted, strict=True):
    known = dict(zip(fields, tokens, strict=True))
    options = others['options'][i] if 'options' in fields else ()
    room = max_tokens - wordings.most(known, len(options))
    if room < least:
      room = max_tokens - wordings.most(known, 0)
    if room >= least:
      rooms[i] = room
  return rooms


def _parts(value: str | tuple[str, ...]) -> Sequence[str]:
  """A dialogue's turns, or a text as the only part."""
  return value if isinstance(value, tuple) else (value,)


def _bytes(value: str | tuple[str, ...]) -> int:
  """More than the tokens of a field."""
  return sum(len(part.encode()) + TURN_TOKENS for part in _parts(value))


def _tokens(
  texts: Sequence[Sequence[str]], count_tokens: CountTokens
) -> list[list[int]]:
  """Tokens of each of some texts of rows."""
  flat = [text for row in texts for text in row]
  counts = iter(count_tokens(flat) if flat else ())
  return [list(itertools.islice(counts, len(row))) for row in texts]
