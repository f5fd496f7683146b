"""One template, zero-shot or few-shot, as a file of a family writes it."""

import dataclasses

from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.templates.pattern import Pattern

# Kinds of setting, by whether options are shown where an instance has any.
KINDS = ('opt', 'noopt')

# What `Template.settings` may name: Tk-Instruct's is a kind of its own.
TK_INSTRUCT = 'tk'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Template:
  """A zero-shot template: it makes inputs and targets of one instance.

  Attributes:
    inputs: asks; a pattern with fields in braces.
    targets: answers, likewise.
    inverted: asks for something else than the family's task does, such as the
      question to an answer; an answer among options is then given in full.
    reasoning: the targets contain the reasoning, before the answer.
    options: 'needed' if the words make no sense without the options, so that
      they cannot be left out; else empty.
    settings: the `KINDS` of setting that it is for, or `TK_INSTRUCT`; if empty,
      it is for those that `inputs` fits, which shows the options or does not.
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
  def texts(self) -> tuple[str, ...]:
    """The patterns of an example, in the order in which it shows them."""
    return self.inputs, self.targets

  @property
  def fields(self) -> frozenset[str]:
    """The fields that it needs of an instance."""
    return fields_of(*self.texts)

  @property
  def exemplar_fields(self) -> frozenset[str]:
    """The fields that it needs of an exemplar, which it words as a question."""
    return self.fields


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FewShot:
  """A few-shot template: it shows exemplars before a question.

  Attributes:
    inputs: asks; of each exemplar and of the instance itself.
    targets: answers, likewise.
    instruction: stands once, above the exemplars, and is filled in from the
      instance that is asked about.
    input_prefix, target_prefix: stand before every question and answer. A
      template with either has a layout of its own; else one is drawn.
    between: stands between a question and its answer, if there is a prefix.
    separator: stands between exemplars. A template with one has a layout of its
      own, of which nothing is drawn; if it is empty, a separator is drawn.
    exemplars: 0 for a template that has its example in the instruction; -1 if
      the number is drawn.
    instruction_end: stands below the instruction in runs `--as_released`, where
      a separator does not.
    mixed: in such runs it may also be one of several templates of an example.
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
  instruction_end: str = ''
  mixed: bool = False
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
  def texts(self) -> tuple[str, ...]:
    """The patterns of an example, in the order in which it shows them."""
    return (
      self.instruction,
      self.input_prefix,
      self.inputs,
      self.target_prefix,
      self.targets,
    )

  @property
  def fields(self) -> frozenset[str]:
    """The fields that it needs of an instance."""
    return fields_of(*self.texts)

  @property
  def exemplar_fields(self) -> frozenset[str]:
    """The fields that it needs of an exemplar: not those of the instruction."""
    if not self.exemplars:
      return frozenset()
    asked = fields_of(self.inputs, self.targets)
    return self.fields - fields_of(self.instruction) | asked


def fields_of(*texts: str) -> frozenset[str]:
  """Returns the fields of patterns.

  >>> sorted(fields_of('{a}{b}', 'to {b}'))
  ['a', 'b']
  """
  return frozenset(f for text in texts for f in Pattern.of(text).fields)


def _check_settings(kinds: tuple[str, ...]) -> None:
  for kind in kinds:
    if kind not in (*KINDS, TK_INSTRUCT):
      raise unknown('kind of setting', kind, (*KINDS, TK_INSTRUCT))
