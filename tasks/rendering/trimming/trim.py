"""Shortens instances that would not fit into the inputs.

Only the field that the family names (`Family.trim`) is shortened; `cut_points`
has the rules of where. An instance that is not short enough even so is left as
it is, and is rejected for its length once it is encoded.
"""

from collections.abc import Mapping, Sequence
import dataclasses
import functools
import itertools

from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering.instances.instances import Column, Instances
from ul2_flan.tasks.rendering.instances.same_question import questions
from ul2_flan.tasks.rendering.templates.family import LIST_FIELDS, Family
from ul2_flan.tasks.rendering.trimming.cut_points import (
  TURN_TOKENS,
  Cut,
  cut_inside,
  cut_start,
  cut_text,
  shorten,
)
from ul2_flan.tasks.rendering.trimming.template_overhead import (
  CountTokens,
  TemplateOverhead,
  overhead_of,
)

# An instance whose other fields leave less of the inputs than one part in so
# many to the field that is shortened is not worth shortening.
_LEAST_ROOM = 10

# How to cut, by `Family.trim_keeps`.
_CUTS: Mapping[str, Cut] = {'end': cut_start, 'ends': cut_inside}


@dataclasses.dataclass(frozen=True, slots=True)
class Trimmed:
  """Instances, some of them shortened.

  Attributes:
    instances: all n of them.
    indices: the indices of those that were shortened.
    long: the indices of those whose bytes do not show that they fit.
  """

  instances: Instances
  indices: list[int]
  long: Sequence[int]


def trim(
  instances: Instances,
  family: Family,
  *,
  max_tokens: int,
  count_tokens: CountTokens,
  held_out: Bools | None = None,
  among: Sequence[int] | None = None,
) -> Trimmed:
  """Shortens instances so that each fits with any template around it.

  A text has no more tokens than bytes, so the bytes of most instances show that
  they fit. It counts the tokens of the others alone.

  Args:
    instances: n instances.
    family: names the field to shorten, and what must stay of it.
    max_tokens: for the inputs. Where an instance's other fields leave no room
      for a tenth of it, the instance is shortened as if its options were not
      shown; if that does not help, it is left as it is.
    count_tokens: counts the tokens of texts.
    held_out: bool [n], the instances to evaluate with; by default none.
    among: the only instances that may be too long, as `Trimmed.long` of fewer
      `max_tokens` has them; by default all.
  """
  field = family.trim
  if field not in instances.columns:
    return Trimmed(instances, [], ())
  overhead = overhead_of(family, field, count_tokens)
  among = range(len(instances)) if among is None else among
  # There are no more tokens than bytes, and most instances have few bytes.
  long = _over(instances, among, overhead, max_tokens)
  others = {f: c for f, c in instances.columns.items() if f != field}
  column = list(instances.columns[field])
  rooms = _rooms(others, long, overhead, max_tokens, count_tokens)
  # Now that the tokens of the other fields are known, bytes tell more.
  doubtful = [i for i, room in rooms.items() if _bytes(column[i]) > room]
  counted = _tokens([_parts(column[i]) for i in doubtful], count_tokens)
  shortened = []
  for i, tokens in zip(doubtful, counted, strict=True):
    cut: Cut = _CUTS.get(family.trim_keeps, cut_text)
    # A cut around the answer would tell where it stands. So we cut instances to
    # evaluate with as if we did not know it.
    known = held_out is None or not held_out[i]
    if family.trim_keeps == 'answer' and known:
      cut = functools.partial(cut_text, answer=others['answer'][i])
    value = shorten(column[i], rooms[i], tokens, cut, count_tokens)
    if value != column[i]:
      column[i] = value
      shortened.append(i)
  if not shortened:
    return Trimmed(instances, [], long)
  columns = {**instances.columns, field: column}
  # Two passages that only now are the same are still two questions.
  asked = questions(family, instances)
  shorter = dataclasses.replace(instances, columns=columns, asked=asked)
  return Trimmed(shorter, shortened, long)


def _over(
  instances: Instances,
  among: Sequence[int],
  overhead: TemplateOverhead,
  max_tokens: int,
) -> list[int]:
  """Returns the instances that have as many bytes as a text has tokens."""
  sizes = [0] * len(among)
  for column in instances.columns.values():
    values = zip(sizes, map(column.__getitem__, among), strict=True)
    sizes = [n if v is None else n + len(str(v).encode()) for n, v in values]
  options = instances.columns.get('options')
  return [
    i
    for i, size in zip(among, sizes, strict=True)
    if size + overhead.words(len(options[i] or ()) if options else 0)
    >= max_tokens
  ]


def _rooms(
  others: Mapping[str, Column],
  indices: Sequence[int],
  overhead: TemplateOverhead,
  max_tokens: int,
  count_tokens: CountTokens,
) -> dict[int, int]:
  """Returns the tokens there are for the field, where that is enough of them.

  Args:
    others: the instances' other fields.
    indices: the instances to look at.
    overhead: what templates take.
    max_tokens: as in `trim`.
    count_tokens: as in `trim`.

  Returns:
    indices of instances to the room for the field in tokens.
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
  least = max_tokens // _LEAST_ROOM
  rooms = {}
  for i, fields, tokens in zip(indices, present, counted, strict=True):
    known = dict(zip(fields, tokens, strict=True))
    options = others['options'][i] if 'options' in fields else ()
    room = max_tokens - overhead.most(known, len(options))
    # Settings that show the options will reject it; the others need not.
    if room < least:
      room = max_tokens - overhead.most(known, 0)
    if room >= least:
      rooms[i] = room
  return rooms


def _parts(value: str | tuple[str, ...]) -> Sequence[str]:
  """Returns a dialogue's turns, or a text as the only part."""
  return value if isinstance(value, tuple) else (value,)


def _bytes(value: str | tuple[str, ...]) -> int:
  """Returns a number that the tokens of a field do not exceed."""
  return sum(len(part.encode()) + TURN_TOKENS for part in _parts(value))


def _tokens(
  texts: Sequence[Sequence[str]], count_tokens: CountTokens
) -> list[list[int]]:
  """Counts the tokens of each of some texts of instances, in one call."""
  flat = [text for parts in texts for text in parts]
  counts = iter(count_tokens(flat) if flat else ())
  return [list(itertools.islice(counts, len(parts))) for parts in texts]
