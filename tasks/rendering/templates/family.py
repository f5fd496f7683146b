"""Families of templates: how rows of one kind become instructions.

A family is a file of `tasks/templates`. It says which fields its rows have,
shows one row, and words it in ten ways or more.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import functools
import importlib.resources
import tomllib
from typing import Any

from ul2_flan.tasks.catalog.schema import make
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.templates.pattern import Pattern

# Fields that hold a list; the others hold text.
LIST_FIELDS = ('options', 'dialog')

# Kinds of setting, by whether options are shown where a row has any.
KINDS = ('opt', 'noopt')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Template:
  """One wording.

  Attributes:
    inputs: what is asked.
    targets: what is to be answered.
    inverted: asks for something else than the family's task does, such as the
      question to an answer; an answer among options is then given in full.
    reasoning: the targets contain the reasoning, before the answer.
    options: 'needed' if the words make no sense without the options, so that
      they cannot be left out; else empty.
    settings: the `KINDS` of setting that it is for; empty for those that its
      showing options, or not, makes it fit for.
  """

  inputs: str
  targets: str
  inverted: bool = False
  reasoning: bool = False
  options: str = ''
  settings: tuple[str, ...] = ()

  def __post_init__(self) -> None:
    _check_settings(self.settings)
    if self.options not in ('', 'needed'):
      raise unknown('options', self.options, ['needed'])
    if self.options and '{options}' not in self.inputs:
      raise UserError('options are needed, and its inputs do not show them')

  @property
  def fields(self) -> frozenset[str]:
    """The fields that it needs."""
    texts = (self.inputs, self.targets)
    return frozenset(f for text in texts for f in Pattern.of(text).fields)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FewShot:
  """A way to show exemplars before a question.

  Attributes:
    inputs: an exemplar's question, and the question itself.
    targets: an exemplar's answer, and what is to be answered.
    instruction: stands once, above the exemplars, and is filled in from the
      question's row.
    input_prefix, target_prefix: before every question and answer. With either,
      the form has a layout of its own; else one is drawn.
    between: between a question and its answer, if there is a prefix.
    separator: between exemplars; with one, the form has a layout of its own,
      of which nothing is drawn. Empty if it is to be drawn.
    exemplars: 0 for a form that has its example in the instruction.
    inverted, reasoning, settings: as in `Template`.
  """

  inputs: str
  targets: str
  instruction: str = ''
  input_prefix: str = ''
  target_prefix: str = ''
  between: str = '\n'
  separator: str = ''
  exemplars: int = -1
  inverted: bool = False
  reasoning: bool = False
  settings: tuple[str, ...] = ()

  def __post_init__(self) -> None:
    _check_settings(self.settings)

  @property
  def own_layout(self) -> bool:
    """Whether it says itself how questions and answers follow each other."""
    return bool(self.input_prefix or self.target_prefix or self.separator)

  @property
  def fields(self) -> frozenset[str]:
    """The fields that it needs."""
    texts = (
      self.inputs,
      self.targets,
      self.instruction,
      self.input_prefix,
      self.target_prefix,
    )
    return frozenset(f for text in texts for f in Pattern.of(text).fields)

  @property
  def exemplar_fields(self) -> frozenset[str]:
    """The fields that it needs of an exemplar."""
    if not self.exemplars:
      return frozenset()
    return self.fields - frozenset(Pattern.of(self.instruction).fields) | (
      frozenset(
        f for t in (self.inputs, self.targets) for f in Pattern.of(t).fields
      )
    )


def _check_settings(kinds: tuple[str, ...]) -> None:
  for kind in kinds:
    if kind not in KINDS:
      raise unknown('kind of setting', kind, KINDS)


# Compared by identity: a family is loaded once.
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
  """A kind of row and its templates.

  Attributes:
    fields: names to what they hold.
    input: the fields that make two rows the same question.
    samples: rows to show it by, with lists for `LIST_FIELDS`.
    trim: the field to shorten where a row is too long; empty for none.
    trim_keeps: what must stay of it: 'answer', which is found in it; 'end',
      which is to be continued; empty for its beginning.
    reasoning: 'cot' if templates with reasoning are the usual ones.
    code: its text is code, which loses its meaning without newlines.
    repeat: exemplars may be worded like templates, each with the instruction;
      otherwise only as `few_shot` has them.
    own_words: its rows bring their own words, so that ten templates are not
      asked of it.
    as_source: fields that its templates want as the source has them: a question
      without a capital and a mark, to which they give their own; an option's
      letter.
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

  def __post_init__(self) -> None:
    trims = [self.trim, 'answer' if self.trim_keeps == 'answer' else '']
    for field in (*self.input, *filter(None, trims), *self.as_source):
      if field not in self.fields:
        raise unknown('field', field, self.fields)
    if len(self.samples) < 2:
      raise UserError('it needs two samples, one to be an exemplar')
    for sample in self.samples:
      self._check_sample(sample)
    if self.reasoning not in ('', 'cot'):
      raise unknown('reasoning', self.reasoning, ['cot'])
    if self.trim_keeps not in ('', 'answer', 'end'):
      raise unknown('trim_keeps', self.trim_keeps, ['answer', 'end'])
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
    used: set[str] = set()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for template in self.templates:
      for field in sorted(template.fields):
        if field not in self.fields:
          raise UserError(
            f'template {template.inputs!r}: '
            f'{unknown("field", field, self.fields)}'
          )
      if (template.inputs, template.settings) in seen:
        raise UserError(f'two templates with the inputs {template.inputs!r}')
      used |= template.fields
      seen.add((template.inputs, template.settings))
    for form in self.few_shot:
      for field in sorted(form.fields - set(self.fields)):
        raise UserError(
          f'few_shot {form.inputs!r}: {unknown("field", field, self.fields)}'
        )
      used |= form.fields
    if unused := set(self.fields) - used:
      raise UserError(f'no template uses the fields {sorted(unused)}')

  @property
  def has_options(self) -> bool:
    """Whether its rows have options."""
    return 'options' in self.fields


def _folder() -> Any:
  return importlib.resources.files('ul2_flan.tasks') / 'templates'


@functools.cache
def families() -> tuple[str, ...]:
  """Names of the families, sorted."""
  files = (f.name for f in _folder().iterdir())
  return tuple(sorted(f[:-5] for f in files if f.endswith('.toml')))


@functools.cache
def load_family(name: str) -> Family:
  """The family of this name.

  >>> load_family('last_word').input
  ('text',)
  """
  if name not in families():
    raise unknown('template family', name, families())
  text = (_folder() / f'{name}.toml').read_text(encoding='utf-8')
  return parse_family(text, name, f'templates/{name}.toml')


def parse_family(text: str, name: str, where: str) -> Family:
  """Reads a family from TOML; `where` names the file in messages."""
  try:
    raw = tomllib.loads(text)
  except tomllib.TOMLDecodeError as e:
    raise UserError(f'{where} is not TOML: {e}') from e
  for key, cls in (('templates', Template), ('few_shot', FewShot)):
    raw[key] = tuple(
      make(cls, entry, f'{where}, {key} {number}')
      for number, entry in enumerate(raw.get(key, []))
    )
  family: Family = make(Family, {'name': name, **raw}, where)
  return family
