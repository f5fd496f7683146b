"""Families of templates: how instances of one kind become instructions.

A family is a file of `tasks/templates`. It says which fields its instances
have, shows some of them, and has ten templates or more.
"""

from collections.abc import Mapping
import dataclasses
import functools
from typing import Any

import orjson

from ul2_flan.tasks import shipped
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.templates.template import FewShot, Template
from ul2_flan.tasks.strict_tables import make, parse, tables_of

# Fields that hold a list; the others hold text.
LIST_FIELDS = ('options', 'dialog')

# What `trim_keeps` may name.
TRIM_KEEPS = ('answer', 'end', 'ends')


# Compared and hashed by identity, which caches of forms rely on: each family is
# loaded once.
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
  """A kind of instance and its templates.

  Attributes:
    name: the name of its file, without '.toml'.
    description: says what is asked, to people.
    fields: maps names to what they hold.
    input: the fields that make two instances the same question.
    samples: instances to show and test it by, with lists for `LIST_FIELDS`.
    templates, few_shot: its templates, zero-shot and few-shot.
    trim: the field to shorten where an instance is too long; empty for none.
    trim_keeps: what must stay of it: 'answer', which is found in it; 'end',
      which is to be continued; 'ends', the last of which may be the question;
      empty for its beginning.
    reasoning: 'cot' if templates with reasoning are the usual ones.
    code: its text is code, which loses its meaning without newlines.
    repeat: exemplars may look like zero-shot examples, each with the
      instruction; otherwise they look only as `few_shot` has them.
    own_words: its instances bring their own words, so that ten templates are
      not asked of it.
    rows: 'flan' if its templates want rows as google-research/FLAN's code
      makes them.
    as_source: fields that its templates want as the source has them: a question
      without a capital and a mark, to which they give their own; an option's
      letter.

  Raises:
    UserError: a rule is broken; the message says by what.
  """

  name: str
  description: str
  fields: Mapping[str, str]
  input: tuple[str, ...]
  samples: tuple[Mapping[str, str | tuple[str, ...]], ...]
  templates: tuple[Template, ...]
  few_shot: tuple[FewShot, ...]
  trim: str = ''
  trim_keeps: str = ''
  reasoning: str = ''
  code: bool = False
  repeat: bool = True
  own_words: bool = False
  as_source: tuple[str, ...] = ()
  rows: str = ''

  def __post_init__(self) -> None:
    trims = [self.trim, 'answer' if self.trim_keeps == 'answer' else '']
    for field in (*self.input, *filter(None, trims), *self.as_source):
      if field not in self.fields:
        raise unknown('field', field, self.fields)
    if len(self.samples) < 2:
      raise UserError('it needs two samples, one to be an exemplar')
    for sample in self.samples:
      self._check_sample(sample)
    if self.rows not in ('', 'flan'):
      raise unknown('rows', self.rows, ['flan'])
    if self.reasoning not in ('', 'cot'):
      raise unknown('reasoning', self.reasoning, ['cot'])
    if self.trim_keeps not in ('', *TRIM_KEEPS):
      raise unknown('trim_keeps', self.trim_keeps, TRIM_KEEPS)
    self._check_templates()

  def _check_sample(self, sample: Mapping[str, str | tuple[str, ...]]) -> None:
    if set(sample) != set(self.fields):
      different = sorted(set(sample) ^ set(self.fields))
      raise UserError(f'a sample and the fields differ in {different}')
    for field, value in sample.items():
      if isinstance(value, tuple) != (field in LIST_FIELDS):
        raise UserError(f"a sample's '{field}' is {value!r}")
    if self.has_options and sample['answer'] not in sample['options']:
      raise UserError(f'a sample has an answer that is no option: {sample}')

  def _check_templates(self) -> None:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for template in self.templates:
      if (template.inputs, template.settings) in seen:
        raise UserError(f'two templates with the inputs {template.inputs!r}')
      seen.add((template.inputs, template.settings))
    used: set[str] = set()
    kinds = ('template', self.templates), ('few_shot', self.few_shot)
    for kind, templates in kinds:
      for one in templates:
        for field in sorted(one.fields - set(self.fields)):
          raise UserError(
            f'{kind} {one.inputs!r}: {unknown("field", field, self.fields)}'
          )
        used |= one.fields
    if unused := set(self.fields) - used:
      raise UserError(f'no template uses the fields {sorted(unused)}')

  def task(self, task: Task) -> Task:
    """Returns a task with rows as these templates want them."""
    return task.as_flan() if self.rows else task

  @property
  def has_options(self) -> bool:
    """Whether its instances have options."""
    return 'options' in self.fields


@functools.cache
def families() -> tuple[str, ...]:
  """Returns the names of all families, sorted."""
  return tuple(shipped.names('templates'))


@functools.cache
def load_family(name: str) -> Family:
  """Returns the family of this name.

  >>> load_family('last_word').input
  ('text',)
  """
  if name not in families():
    raise unknown('template family', name, families())
  path = f'templates/{name}.toml'
  return parse_family(shipped.text(path), name, path)


def family_of(task: Task) -> Family:
  """Returns a task's family: ours, or the one that a user wrote for it."""
  if not task.templates:
    return load_family(task.family)
  return _own_family(task.templates, task.family)


@functools.lru_cache(maxsize=4096)
def _own_family(templates: str, name: str) -> Family:
  return _family(orjson.loads(templates), name, f"family '{name}'")


def parse_family(text: str, name: str, where: str) -> Family:
  """Reads a family from TOML; `where` names the file in messages.

  Raises:
    UserError: the text is not TOML, or breaks a rule of families.
  """
  return _family(parse(text, where), name, where)


def _family(raw: dict[str, Any], name: str, where: str) -> Family:
  for key, cls in (('templates', Template), ('few_shot', FewShot)):
    raw[key] = tuple(
      make(cls, entry, f'{where}, {key} {number}')
      for number, entry in enumerate(tables_of(raw, key, where))
    )
  return make(Family, {'name': name, **raw}, where)
