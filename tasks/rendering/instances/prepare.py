"""Makes instances of a task's raw rows, as the catalog maps their columns."""

from collections.abc import Callable, Mapping, Sequence
import contextlib
import dataclasses
import functools
import re
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Source, Task
from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.rendering.instances.choices import choice_of, options_of
from ul2_flan.tasks.rendering.instances.field_paths import Row, getter
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.reject import Fields, RejectError
from ul2_flan.tasks.rendering.instances.shapes import SHAPES, Shape
from ul2_flan.tasks.rendering.instances.suite_shapes import (
  niv2,
  niv2_as_flan,
  p3,
  p3_as_flan,
  tk_instruct,
)
from ul2_flan.tasks.rendering.templates.family import family_of
from ul2_flan.tasks.rendering.text_fixes import TIDY
from ul2_flan.tasks.seeding import child_keys, draw, stream

# A row and its random bits to its instances, and the reasons why others were
# not made.
Mapper = Callable[[Row, int], tuple[list[Fields], list[str]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
  """The instances made of a block of rows.

  Attributes:
    instances: m instances with the fields of the task's family.
    row: m indices, the row that each instance was made of.
    rejects: reason to the indices of the rows that were rejected for it, as a
      whole or as to one of several instances.
  """

  instances: Instances
  row: list[int]
  rejects: Mapping[str, list[int]]


# Fields that a single instance may lack: some rows of NIv2 are the only good
# example of their task.
OPTIONAL_FIELDS = ('positive_input', 'positive_output', 'explanation')


def prepare(
  rows: Sequence[Row], keys: UInt64s, *, task: Task, source: Source, seed: int
) -> Prepared:
  """Makes instances of rows.

  Args:
    rows: n rows as the source's reader gives them: text, numbers, lists and
      dicts.
    keys: uint64 [n], the rows' keys. An instance has the key of its row; where
      a row becomes several instances, each has a key made from that.
    task: what the rows are for.
    source: how their columns become fields.
    seed: the run's, for what is drawn from a row, such as a dialogue's turn.

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
  # The place of each instance among those of its row.
  parts: list[int] = []
  rejects: dict[str, list[int]] = {}
  for i, row in enumerate(rows):
    try:
      instances, reasons = mapper(row, bits[i])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
      # The errors of Python code on data of another shape.
      instances, reasons = [], ['malformed']
    for reason in reasons:
      rejects.setdefault(reason, []).append(i)
    made += instances
    owners += [i] * len(instances)
    parts += [-1] if len(instances) == 1 else range(len(instances))
  return Prepared(_columns(made, keys, owners, parts), owners, rejects)


def _columns(
  made: list[Fields], keys: UInt64s, owners: list[int], parts: list[int]
) -> Instances:
  """Makes columns of m instances, and their keys.

  Args:
    made: the fields, with the extra entries 'given' and perhaps 'choice'.
    keys: uint64 [n], the rows' keys.
    owners: m indices of rows.
    parts: m numbers, the place of each among several of a row; -1 for an only
      one.
  """
  instance_keys = keys[np.array(owners, np.int64)]
  if max(parts, default=-1) >= 0:
    part = np.array(parts, np.int64)
    children = child_keys(instance_keys, np.maximum(part, 0))
    instance_keys = np.where(part < 0, instance_keys, children)
  # All instances of a source have the same fields: the first names them.
  choice = None
  if made and 'choice' in made[0]:
    choice = np.array([fields.pop('choice') for fields in made], np.int64)
  givens = [fields.pop('given') for fields in made]
  columns, given = (
    {name: [one[name] for one in every] for name in (every[0] if every else ())}
    for every in (made, givens)
  )
  return Instances(instance_keys, columns, choice, given=given)


def bare_fields(source: Source) -> tuple[str, ...]:
  """Returns the fields that are also kept as the source has them.

  `Family.as_source` says which templates want them so.
  """
  names = [f for f, name in source.tidy.items() if name == 'question']
  if source.prepare == 'marked_option':
    names.append('answer')
  return tuple(names)


def _mapper(task: Task, source: Source) -> Mapper:
  """Compiles the function that maps the rows of a source."""
  getters = {field: getter(columns) for field, columns in source.fields.items()}
  more = {field: getter(columns) for field, columns in source.more.items()}
  shape = _shape(task, source)
  family = family_of(task)
  wanted = {**family.fields, **(task.flan.fields if source.exact else {})}
  tidy = {field: TIDY[name] for field, name in source.tidy.items()}
  if source.exact:
    tidy |= {f: _replaced(pairs) for f, pairs in task.flan.replace.items()}
  takes = task.flan.takes if source.exact else {}
  bare = bare_fields(source)

  def mapped(row: Row, bits: int) -> tuple[list[Fields], list[str]]:
    # Where columns are the family's fields already, the catalog maps none.
    selected = {f: get(row) for f, get in getters.items()} or dict(row)
    for field, get in more.items():
      with contextlib.suppress(KeyError):
        selected[field] = get(row)
    selected |= {f: selected[t] for f, t in takes.items() if t in selected}
    instances: list[Fields] = []
    reasons: list[str] = []
    try:
      for fields in shape(selected, bits):
        # One that is rejected does not take the row's others with it.
        try:
          instance = _instance(fields, task, source, wanted, tidy)
          instance['given'] = {f: _decoded(selected[f]).strip() for f in bare}
          instances.append(instance)
        except RejectError as e:
          reasons.append(e.reason)
    except RejectError as e:
      reasons.append(e.reason)
    return instances, reasons

  return mapped


def _shape(task: Task, source: Source) -> Shape:
  """Returns the function that makes the fields of a row's instances."""
  if source.kind == 'niv2':
    if source.prepare:
      return tk_instruct
    return niv2_as_flan if source.exact else niv2
  if source.kind == 'p3' or source.prompt:
    of_p3 = p3_as_flan if source.exact else p3
    return functools.partial(of_p3, options=task.options == 'choices')
  return SHAPES[source.prepare] if source.prepare else lambda f, _: [f]


def _replaced(pairs: Sequence[Sequence[str]]) -> Callable[[str], str]:
  """Returns the text fix of pairs of an expression and what replaces it.

  >>> _replaced([['<br />', ' '], [' +', ' ']])('So <br /> what')
  'So what'
  """
  compiled = [(re.compile(old), new) for old, new in pairs]

  def fix(text: str) -> str:
    for old, new in compiled:
      text = old.sub(new, text)
    return text

  return fix


def _instance(
  fields: Fields,
  task: Task,
  source: Source,
  wanted: Mapping[str, str],
  tidy: Mapping[str, Callable[[str], str]],
) -> Fields:
  """Returns the family's fields as text, and which of the options is right."""
  instance: Fields = {}
  if task.options != 'none':
    options = options_of(fields, task, source, tidy.get('options'))
    choice = choice_of(fields, source, options)
    instance |= {'options': options, 'choice': choice}
    instance['answer'] = options[choice]
  for field in wanted:
    if field in instance:
      continue
    if field in task.constants:
      instance[field] = task.constants[field]
    elif field in fields:
      value, fix = fields[field], tidy.get(field)
      # Most are texts that nothing mends.
      plain = isinstance(value, str) and not (fix or source.exact)
      text = value.strip() if plain and field != 'dialog' else ''
      instance[field] = text or _text(field, value, source, fix)
  return instance


def _decoded(value: Any) -> str:
  return value.decode() if isinstance(value, bytes) else str(value)


def _text(
  field: str, value: Any, source: Source, tidy: Callable[[str], str] | None
) -> str | tuple[str, ...] | None:
  """Returns a field's value as text, or as the turns of a dialogue.

  None stands for an optional field that the row lacks.
  """
  if field == 'dialog':
    turns = tuple(' '.join(turn.split()) for turn in value)
    if not turns or not all(turns):
      raise RejectError('empty_dialog')
    return turns
  # Lists, and arrays as Parquet gives them.
  if not isinstance(value, (str, bytes)) and hasattr(value, '__len__'):
    parts = value if source.exact else (' '.join(v.split()) for v in value)
    value = source.joins[field].join(parts)
  if value is None:
    if field in OPTIONAL_FIELDS:
      return None
    raise RejectError(f'empty_{field}')
  text = _decoded(value)
  text = tidy(text) if tidy else text if source.exact else text.strip()
  if not text.strip():
    raise RejectError(f'empty_{field}')
  return text
