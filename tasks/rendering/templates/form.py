"""A form: a template compiled for one setting, ready to be filled."""

import dataclasses
import functools

from ul2_flan.tasks.rendering.styles.layout_choice import Look, look_of_words
from ul2_flan.tasks.rendering.templates.pattern import Pattern
from ul2_flan.tasks.rendering.templates.template import FewShot, Template


# Compared by identity: forms are made once.
@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Form:
  """A compiled template.

  Attributes:
    label: names it in provenance: 'template 3', 'few_shot 0'.
    inputs: a question, with its own prefix and with the cue for its answer.
    targets: an answer.
    instruction: stands above the exemplars; None for nothing.
    inverted: asks for something else than the family's task does.
    shows_options: the options are shown, and the answer takes their form.
    exemplars: how many; -1 if that is drawn.
    join: stands between a question and its answer; None if the layout says so.
    separator: stands between exemplars; None if the layout says so.
    look: what a layout of exemplars has to go with, of `Look`.
    asks_to_choose: its words do, so the style of its options does not.
  """

  label: str
  inputs: Pattern
  targets: Pattern
  instruction: Pattern | None = None
  inverted: bool = False
  shows_options: bool = False
  exemplars: int = -1
  join: str | None = None
  separator: str | None = None
  look: int
  asks_to_choose: bool = False

  @functools.cached_property
  def abutting(self) -> int:
    """How many sides of its fields directly touch its words."""
    return self.inputs.abutting + self.targets.abutting

  @functools.cached_property
  def fields(self) -> frozenset[str]:
    """The fields of a question and its answer."""
    return frozenset(self.inputs.fields + self.targets.fields)

  @functools.cached_property
  def lists_options(self) -> bool:
    """Whether its examples have the options, be it in the instruction."""
    above = self.instruction.fields if self.instruction else ()
    return 'options' in self.fields or 'options' in above

  @functools.cached_property
  def shows_turns(self) -> bool:
    """Whether its fields are turns of a dialogue, among others."""
    return 'dialog' in self.fields


def compile_form(
  label: str,
  template: Template | FewShot,
  *,
  options: bool,
  foreign: bool,
  code: bool,
) -> Form:
  """Compiles a template.

  Args:
    label: as in `Form`.
    template: zero-shot or few-shot.
    options: options are shown; else they are taken out of the inputs.
    foreign: the text is not English.
    code: the text is code.
  """
  inputs = Pattern.of(template.inputs)
  if not options:
    inputs = inputs.without_options()
  instruction, exemplars = None, -1
  join: str | None = None
  separator: str | None = None
  if isinstance(template, FewShot):
    exemplars = template.exemplars
    if template.instruction:
      instruction = Pattern.of(template.instruction)
    separator = template.separator or None
    if template.own_layout:
      # Its cue for the answer ends the inputs, so that nothing else joins them.
      between = template.between if template.target_prefix else ''
      inputs = Pattern.of(
        template.input_prefix + inputs.text + between + template.target_prefix
      )
      join = '' if template.target_prefix else template.between
  elif inputs.text.endswith(':'):
    # It ends with a cue, which the answer follows whatever the layout.
    join = '\n' if code else ' '
  own = isinstance(template, FewShot) and join is not None
  return Form(
    label=label,
    inputs=inputs,
    targets=Pattern.of(template.targets),
    instruction=instruction,
    inverted=template.inverted,
    shows_options='options' in inputs.fields,
    exemplars=exemplars,
    join=join,
    separator=separator,
    look=_look(inputs, own, foreign, code),
    asks_to_choose=_asks_to_choose(template, inputs),
  )


def _asks_to_choose(template: Template | FewShot, inputs: Pattern) -> bool:
  """Whether the words ask to choose, before the options or after them."""
  needed = isinstance(template, Template) and template.options == 'needed'
  return needed or not inputs.text.endswith('{options}')


def _look(inputs: Pattern, own: bool, foreign: bool, code: bool) -> int:
  """Returns what is known of a form's examples; `looks_of` sees the rest."""
  return (
    Look.OWN * own
    | Look.WORDLESS * foreign
    | Look.OPTIONS * ('options' in inputs.fields)
    | Look.TURNS * ('dialog' in inputs.fields)
    # Code loses its shape after a prefix in the same line.
    | Look.BLOCK * code
    | Look.LABEL * (code and inputs.text.startswith('{'))
    | look_of_words(inputs.around[0], inputs.around[-1])
  )
