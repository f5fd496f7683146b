"""Puts examples with exemplars together as FLAN's released code does.

Its exemplars follow one another without anything between them but what their
templates say, and of the whole only spaces at the end are removed: newlines
stay. Exemplars are dropped from the last on until all fits; an example that
keeps none is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.few_shot.fit_exemplars import how_many_fit
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.released.columns import Styles, columns_of, fill
from ul2_flan.tasks.rendering.styles.released_styles import SPACES, Released
from ul2_flan.tasks.rendering.templates.form import Form
from ul2_flan.tasks.rendering.templates.template_choice import Forms
from ul2_flan.tasks.seeding import below, draw

# A question and its answer.
Pair = tuple[str, str]


@dataclasses.dataclass(slots=True)
class Example:
  """An example before its exemplars are counted.

  Attributes:
    form: its form.
    instruction: stands above all; empty for none.
    question: of the instance that is asked about.
    answer: likewise.
    separator: stands behind each exemplar.
    exemplars: the questions and answers of exemplars.
  """

  form: Form
  instruction: str
  question: str
  answer: str
  separator: str
  exemplars: list[Pair] = dataclasses.field(default_factory=list)

  @property
  def parts(self) -> list[tuple[str, str]]:
    """The parts of the inputs: what each is, and its text."""
    parts = [
      ('exemplar', question + answer + self.separator)
      for question, answer in self.exemplars
    ]
    if self.instruction:
      parts.insert(0, ('instruction', self.instruction))
    return [*parts, ('question', self.question)]

  @property
  def inputs(self) -> str:
    """All of the inputs as one text."""
    text = ''.join(text for _, text in self.parts)
    return text.rstrip(' ') if self.form.exemplars else text

  @property
  def target(self) -> str:
    """The answer; the separator behind it too, where each exemplar has one.

    White space around it is removed, but below an instruction.
    """
    if not self.form.exemplars or self.form.separator is None:
      return self.answer
    answer = self.answer + self.separator
    return answer if self.instruction else answer.strip(SPACES)


def wanted(
  released: Released, forms: Forms, chosen: Int64s, bits: UInt64s
) -> Int64s:
  """Returns how many exemplars each of n examples is to have: int64 [n].

  Args:
    released: says how many, by the kind of form.
    forms: the forms.
    chosen: int64 [n], indices of forms.
    bits: uint64 [n], the random bits that choose among several numbers.
  """
  among = np.array(released.exemplars, np.int64)
  numbers = among[below(bits, len(among))]
  of_form = np.array([_fixed(released, form) for form in forms.forms], np.int64)
  fixed = of_form[chosen]
  return np.where(fixed < 0, numbers, fixed)


def _fixed(released: Released, form: Form) -> int:
  """Returns how many exemplars a form has; -1 if that is drawn."""
  if not form.exemplars:
    return 0
  if form.separator is None:
    return released.mixed_exemplars
  return released.defined_exemplars if form.instruction else -1


def ask(
  instances: Instances,
  forms: Forms,
  chosen: Int64s,
  styles: Styles,
  separator: str,
) -> list[Example]:
  """Returns n examples, as yet without exemplars.

  Args:
    instances: n instances.
    forms: the forms.
    chosen: int64 [n], indices of forms.
    styles: of options and turns.
    separator: stands between exemplars of mixed templates.
  """
  examples: dict[int, Example] = {}
  for number, form in enumerate(forms.forms):
    indices = np.flatnonzero(chosen == number).tolist()
    instructions = [''] * len(indices)
    if form.instruction:
      fields = frozenset(form.instruction.fields)
      columns = columns_of(fields, instances, indices, styles)
      instructions = form.instruction.fill(columns, len(indices))
    after = separator if form.separator is None else form.separator
    filled = fill(form, instances, indices, styles)
    for i, above, question, answer in zip(
      indices, instructions, *filled, strict=True
    ):
      examples[i] = Example(form, above, question, answer, after)
  return [examples[i] for i in range(len(instances))]


def add_exemplars(
  examples: Sequence[Example],
  picked: Sequence[Sequence[int]],
  pool: Pool,
  forms: Forms,
  styles: Styles,
  starts: Int64s,
) -> None:
  """Gives n examples their exemplars.

  Args:
    examples: n examples.
    picked: for each the indices of its exemplars in the pool.
    pool: where they are from.
    forms: the forms: those of mixed templates take turns.
    styles: of options and turns.
    starts: int64 [n], at which of the mixed templates each example begins.
  """
  numbers = {form: number for number, form in enumerate(forms.forms)}
  mixed = len(forms.forms) - forms.repeats
  # By form: the exemplars to fill in, and where they go.
  of_form: dict[int, list[tuple[int, int, int]]] = {}
  for i, (example, exemplars) in enumerate(zip(examples, picked, strict=True)):
    for j, exemplar in enumerate(exemplars):
      number = numbers[example.form]
      if example.form.separator is None:
        number = forms.repeats + (int(starts[i]) + j) % mixed
      of_form.setdefault(number, []).append((i, j, exemplar))
  texts: list[dict[int, Pair]] = [{} for _ in examples]
  for number, places in of_form.items():
    shown = [exemplar for _, _, exemplar in places]
    filled = fill(forms.forms[number], pool.instances, shown, styles)
    for (i, j, _), *pair in zip(places, *filled, strict=True):
      texts[i][j] = (pair[0], pair[1])
  for example, pairs in zip(examples, texts, strict=True):
    example.exemplars = [pairs[j] for j in range(len(pairs))]


def fit(
  example: Example,
  count: Callable[[Sequence[str]], Sequence[int]],
  released: Released,
  max_tokens: int | None,
) -> bool:
  """Drops exemplars that do not fit; returns whether the example is complete.

  Args:
    example: the example.
    count: counts the tokens of each text.
    released: has the limit. Examples with an instruction have none there, only
      the inputs' own.
    max_tokens: for the inputs; None for no limit.
  """
  if not example.form.exemplars:
    return True
  limits = [] if max_tokens is None else [max_tokens]
  if not example.instruction:
    limits.append(released.max_tokens)
  asked = example.instruction + example.question
  after = example.separator if example.form.separator is not None else ''
  pairs = [(q, a + after) for q, a in example.exemplars]
  # SentencePiece makes hardly ever more tokens than bytes, and one for a space.
  size = sum(len(t.encode()) + 1 for pair in pairs for t in pair)
  if limits and size + len(asked.encode()) >= min(limits):
    room = min(limits) - count([asked])[0]
    costs = [sum(count(pair)) for pair in pairs]
    example.exemplars = example.exemplars[: how_many_fit(costs, room)]
  return bool(example.exemplars)


def mixed_starts(forms: Forms, bits: UInt64s) -> Int64s:
  """Draws for each of n examples at which mixed template it begins: int64 [n].

  The templates take turns, as in FLAN's code, where five exemplars that follow
  one another in the data are one example's.
  """
  mixed = max(1, len(forms.forms) - forms.repeats)
  return below(draw(bits, 1), mixed)
