"""Raw records to rows with a task's fields, as the catalog maps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import functools
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Source, Task
from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.rendering.instances.choices import choice_of, options_of
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.paths import Record, getter
from ul2_flan.tasks.rendering.instances.shapes import (
  SHAPES,
  Fields,
  RejectError,
)
from ul2_flan.tasks.rendering.instances.suite_shapes import niv2, p3
from ul2_flan.tasks.rendering.instances.text_fixes import TIDY
from ul2_flan.tasks.rendering.templates.family import load_family
from ul2_flan.tasks.seeding import child_keys, draw, stream

Shape = Callable[[Fields, int], list[Fields]]
# A record and its bits to its rows, and the reasons of those not made.
Mapper = Callable[[Record, int], tuple[list[Fields], list[str]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
  """Rows made of a block of records.

  Attributes:
    rows: with the fields of the task's family.
    record: the index of the record that each row was made of.
    rejects: reason to the indices of the records without a row.
  """

  rows: Instances
  record: list[int]
  rejects: Mapping[str, list[int]]


# Fields that a single row may lack: some instances of NIv2 are their task's
# only good example.
OPTIONAL_FIELDS = ('positive_input', 'positive_output', 'explanation')


def prepare(
  records: Sequence[Record],
  keys: UInt64s,
  *,
  task: Task,
  source: Source,
  seed: int,
) -> Prepared:
  """Makes rows of records.

  Args:
    records: as the source's reader gives them: text, numbers, lists and dicts.
    keys: uint64 [n], the records' keys. A row has the key of its record; where
      a record becomes several rows, each has a key made from that.
    seed: the run's, for what is drawn from a record, such as a dialogue's turn.

  Rejects:
    no_label, unknown_label, bad_options, answer_not_an_option: the answer.
    empty_<field>: a field has no text.
    malformed: a column is missing or not of the kind that is expected.
    and what the functions of `shapes` reject.
  """
  bits = draw(stream(seed, f'{task.name}/prepare', keys), 0).tolist()
  mapper = _mapper(task, source)
  made: list[Fields] = []
  owners: list[int] = []
  parts: list[int] = []
  rejects: dict[str, list[int]] = {}
  for i, record in enumerate(records):
    try:
      rows, reasons = mapper(record, bits[i])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
      rows, reasons = [], ['malformed']
    for reason in reasons:
      rejects.setdefault(reason, []).append(i)
    made += rows
    owners += [i] * len(rows)
    parts += [-1] if len(rows) == 1 else range(len(rows))
  return Prepared(_rows(made, keys, owners, parts), owners, rejects)


def _rows(
  made: list[Fields], keys: UInt64s, owners: list[int], parts: list[int]
) -> Instances:
  """Columns of the rows, and their keys."""
  own = keys[np.array(owners, np.int64)]
  part = np.array(parts, np.int64)
  own = np.where(part < 0, own, child_keys(own, np.maximum(part, 0)))
  choice = None
  if made and 'choice' in made[0]:
    choice = np.array([row.pop('choice') for row in made], np.int64)
  givens = [row.pop('given') for row in made]
  columns, given = (
    {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    for rows in (made, givens)
  )
  return Instances(own, columns, choice, given=given)


def bare_fields(source: Source) -> tuple[str, ...]:
  """Fields that rows keep as the source has them too: `Family.as_source`."""
  names = [f for f, name in source.tidy.items() if name == 'question']
  if source.prepare == 'marked_option':
    names.append('answer')
  return tuple(names)


def _mapper(task: Task, source: Source) -> Mapper:
  """The function that maps this source's records."""
  getters = {field: getter(columns) for field, columns in source.fields.items()}
  if source.kind == 'niv2':
    shape: Shape = niv2
  elif source.kind == 'p3':
    shape = functools.partial(p3, options=task.options == 'choices')
  else:
    shape = SHAPES[source.prepare] if source.prepare else lambda row, _: [row]
  family = load_family(task.family)
  tidy = {field: TIDY[name] for field, name in source.tidy.items()}
  bare = bare_fields(source)

  def mapped(record: Record, bits: int) -> tuple[list[Fields], list[str]]:
    fields = {f: get(record) for f, get in getters.items()} or dict(record)
    rows: list[Fields] = []
    reasons: list[str] = []
    try:
      for row in shape(fields, bits):
        try:
          made = _row(row, task, source, family.fields, tidy)
          made['given'] = {f: _decoded(fields[f]).strip() for f in bare}
          rows.append(made)
        except RejectError as e:
          reasons.append(e.reason)
    except RejectError as e:
      reasons.append(e.reason)
    return rows, reasons

  return mapped


def _row(
  fields: Fields,
  task: Task,
  source: Source,
  wanted: Mapping[str, str],
  tidy: Mapping[str, Callable[[str], str]],
) -> Fields:
  """The family's fields, as text, with the answer found among the options."""
  row: Fields = {}
  if task.options != 'none':
    options = options_of(fields, task, tidy.get('options'))
    row['options'] = options
    row['choice'] = choice_of(fields, task, source, options)
    row['answer'] = options[row['choice']]
  for field in wanted:
    if field in row:
      continue
    if field in task.constants:
      row[field] = task.constants[field]
    elif field in fields:
      row[field] = _text(field, fields[field], source, tidy.get(field))
  return row


def _decoded(value: Any) -> str:
  return value.decode() if isinstance(value, bytes) else str(value)


def _text(
  field: str, value: Any, source: Source, tidy: Callable[[str], str] | None
) -> str | tuple[str, ...] | None:
  """A field's value, which must not be empty."""
  if field == 'dialog':
    turns = tuple(' '.join(turn.split()) for turn in value)
    if not turns or not all(turns):
      raise RejectError('empty_dialog')
    return turns
  if not isinstance(value, (str, bytes)) and hasattr(value, '__len__'):
    value = source.joins[field].join(' '.join(v.split()) for v in value)
  if value is None:
    if field in OPTIONAL_FIELDS:
      return None
    raise RejectError(f'empty_{field}')
  text = _decoded(value)
  text = tidy(text) if tidy else text.strip()
  if not text:
    raise RejectError(f'empty_{field}')
  return text
