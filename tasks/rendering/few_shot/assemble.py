"""Questions with exemplars before them, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.few_shot.count import MANY
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.columns import Styles, gather
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles.layout_choice import choose_layouts
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.forms import Form


# Compared by identity: there is one for each layout and way to join.
@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Marks:
  """A layout, spelled out for exemplars 0, 1, ...

  Attributes:
    before: what stands before each question.
    middle: what stands between it and its answer.
    separator: what stands between exemplars.
  """

  before: tuple[str, ...]
  middle: tuple[str, ...]
  separator: str


_NONE = Marks((), (), '')


@dataclasses.dataclass(slots=True)
class Example:
  """The texts of an example, not yet put together.

  Attributes:
    form: its wording, an index into the block's forms.
    instruction: stands above all; empty for none.
    question: what is asked, unmarked.
    target: the answer.
    zero: it is complete without exemplars.
    marks: what stands around questions, once `lay_out` has drawn it.
    shots: the exemplars.
  """

  form: int
  instruction: str
  question: str
  target: str
  zero: bool
  marks: Marks = _NONE
  shots: Sequence[str] = ()

  @property
  def question_bytes(self) -> int:
    """Bytes of the inputs without exemplars, or more."""
    # No layout has marks of as many bytes.
    return len(self.instruction.encode()) + len(self.question.encode()) + 80

  @property
  def inputs(self) -> str:
    """The instruction, the exemplars and the question."""
    number = len(self.shots)
    last = self.marks.before[number] + self.question + self.marks.middle[number]
    parts = [*self.shots, last]
    if self.instruction:
      parts.insert(0, self.instruction)
    return self.marks.separator.join(parts).rstrip()


def ask(
  rows: Instances,
  *,
  forms: Sequence[Form],
  chosen: Int64s,
  styles: Styles,
  kind: str,
) -> list[Example]:
  """The questions of n examples, as yet without exemplars.

  Args:
    rows: n rows.
    forms: what `chosen` indexes.
    chosen: int64 [n], the form of each.
    styles: of options and turns.
    kind: of options.
  """
  examples: dict[int, Example] = {}
  for number, form, indices in _groups(forms, chosen):
    columns = gather(
      rows,
      indices,
      fields=form.fields,
      styles=styles.beside(asks_to_choose=form.asks_to_choose),
      owners=indices,
      kind=kind,
    )
    heads = [''] * len(indices)
    if form.instruction is not None:
      of_heads = gather(
        rows,
        indices,
        fields=frozenset(form.instruction.fields),
        styles=styles,
        owners=indices,
        kind=kind,
      )
      heads = form.instruction.fill(of_heads, len(indices))
    for i, head, question, target in zip(
      indices,
      heads,
      form.inputs.fill(columns, len(indices)),
      form.targets.fill(columns, len(indices)),
      strict=True,
    ):
      zero = form.exemplars == 0
      examples[i] = Example(number, head, question, target, zero)
  return [examples[i] for i in range(len(rows))]


def lay_out(
  examples: Sequence[Example],
  forms: Sequence[Form],
  bits: UInt64s,
  *,
  newlines: bool,
) -> Int64s:
  """Draws a layout for each of n examples that goes with its text.

  Args:
    bits: uint64 [n], what is drawn with.
    newlines: False if the reader of the text takes newlines for spaces.

  Returns:
    int64 [n], indices into `layouts()`.
  """
  layout = choose_layouts(
    [example.question for example in examples],
    [example.target for example in examples],
    [forms[example.form].look for example in examples],
    bits,
    newlines=newlines,
  )
  for example, at in zip(examples, layout.tolist(), strict=True):
    form = forms[example.form]
    example.marks = _marks(at, form.join, form.separator)
  return layout


def add_exemplars(
  examples: Sequence[Example],
  picked: Sequence[Sequence[int]],
  pool: Pool,
  *,
  forms: Sequence[Form],
  chosen: Int64s,
  styles: Styles,
  kind: str,
) -> None:
  """Gives each example its exemplars, in its own form, style and layout."""
  for _, form, indices in _groups(forms, chosen):
    flat = [e for i in indices for e in picked[i]]
    columns = gather(
      pool.rows,
      flat,
      fields=form.fields,
      styles=styles.beside(asks_to_choose=form.asks_to_choose),
      owners=[i for i in indices for _ in picked[i]],
      kind=kind,
    )
    questions = form.inputs.fill(columns, len(flat))
    answers = form.targets.fill(columns, len(flat))
    start = 0
    for i in indices:
      marks = examples[i].marks
      stop = start + len(picked[i])
      examples[i].shots = [
        before + question + middle + answer
        for before, question, middle, answer in zip(
          marks.before,
          questions[start:stop],
          marks.middle,
          answers[start:stop],
          strict=False,
        )
      ]
      start = stop


def _groups(
  forms: Sequence[Form], chosen: Int64s
) -> Iterator[tuple[int, Form, list[int]]]:
  """Each form that was chosen, with the indices of its examples."""
  for number, form in enumerate(forms):
    indices = np.flatnonzero(chosen == number).tolist()
    if indices:
      yield number, form, indices


@functools.cache
def _marks(index: int, join: str | None, separator: str | None) -> Marks:
  """A layout for a form that may have parts of its own in place of some."""
  layout = layouts()[index]
  between = layout.between if join is None else join
  numbers = range(1, MANY + 2)
  return Marks(
    tuple(layout.prefix(n) for n in numbers),
    tuple(between + layout.cue(n) for n in numbers),
    layout.separator if separator is None else separator,
  )
