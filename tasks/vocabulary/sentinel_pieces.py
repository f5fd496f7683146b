"""Finds the sentinels among a model's own pieces.

T5 appends its sentinels to the model's pieces. Other models have them as
pieces: mT5's `<extra_id_0>`, Gemma's `<unused0>`. U-PaLM took the last 100
sub-words (arXiv 2210.11399, section 11.3), which no text may have then.
"""

from collections.abc import Iterable
import itertools
import re

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary.model import Model

_NAMED = re.compile(r'(?s)(.*\{\}.*):(\d+)-(\d+)')
_LAST = re.compile(r'last:(\d+)')


def find(model: Model, given: str) -> Sentinels:
  """Finds the sentinels that a user names.

  Args:
    model: where they are looked for.
    given: '<unused{}>:0-98' for pieces by their names, in the order of use;
      'last:100' for the last pieces; '' for the model's `<extra_id_0>`,
      `<extra_id_1>`, …, of which there may be none.

  Raises:
    UserError: there are no such pieces, or their ids are not in a row.
  """
  pieces = model.size
  if not given:
    return _in_a_row(_extra_ids(model), '<extra_id_{}>', pieces)
  if last := _LAST.fullmatch(given):
    count = int(last[1])
    if not 0 < count < pieces:
      raise UserError(f"--sentinels '{given}': the model has {pieces} pieces")
    return Sentinels(pieces - 1, count)
  if not (named := _NAMED.fullmatch(given)):
    raise UserError(
      f"--sentinels '{given}': give names with their numbers, such as "
      "'<unused{}>:0-98', or the last pieces, such as 'last:100'"
    )
  first, final = int(named[2]), int(named[3])
  step = 1 if first <= final else -1
  ids = []
  for k in range(first, final + step, step):
    name = named[1].replace('{}', str(k))
    found = model.id_of(name)
    if found is None:
      raise UserError(f"--sentinels '{given}': the model has no piece '{name}'")
    ids.append(found)
  return _in_a_row(ids, given, pieces)


def _extra_ids(model: Model) -> Iterable[int]:
  for k in itertools.count():
    names = (f'<extra_id_{k}>', f'▁<extra_id_{k}>')
    found = (model.id_of(name) for name in names)
    piece = next((i for i in found if i is not None), None)
    if piece is None:
      return
    yield piece


def _in_a_row(ids: Iterable[int], names: str, pieces: int) -> Sentinels:
  ids = list(ids)
  first = ids[0] if ids else pieces - 1
  step = 1 if ids[1:2] == [first + 1] else -1
  if ids != list(range(first, first + step * len(ids), step)):
    raise UserError(
      f"the ids of the sentinels '{names}' are not in a row: {ids[:5]}… Each "
      'must be one more, or one less, than that before it'
    )
  return Sentinels(first, len(ids), step)
