"""Puts examples together: the instruction, the exemplars, the question."""

from collections.abc import Sequence
import dataclasses
import functools

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles.layout_choice import choose_layouts
from ul2_flan.tasks.rendering.styles.layouts import layouts


# Compared by identity: there is one for each layout and way to join.
@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Marks:
  """A layout, spelled out for exemplars 0, 1, ..., `MANY`.

  Attributes:
    before: the text before each question.
    middle: the text between each question and its answer.
    separator: the text between exemplars.
  """

  before: tuple[str, ...]
  middle: tuple[str, ...]
  separator: str


_NONE = Marks((), (), '')

# More bytes than any layout has around a question.
_MARKS_BYTES = 80


@dataclasses.dataclass(slots=True)
class Example:
  """The texts of a few-shot example, not yet put together.

  Attributes:
    form: its form, an index into the block's forms.
    instruction: stands above all; empty for none.
    question: the question without the layout's marks.
    target: the answer.
    zero: it is complete without exemplars.
    marks: what stands around questions, once `lay_out` has drawn it.
    exemplars: the exemplars with their answers, once `add_exemplars` has
      written them.
  """

  form: int
  instruction: str
  question: str
  target: str
  zero: bool
  marks: Marks = _NONE
  exemplars: Sequence[str] = ()

  @property
  def question_bytes(self) -> int:
    """An upper bound of the bytes of the inputs without exemplars."""
    texts = len(self.instruction.encode()) + len(self.question.encode())
    return texts + _MARKS_BYTES

  @property
  def inputs(self) -> str:
    """The instruction, the exemplars and the question, as one text."""
    texts = [*self.exemplars, self._last]
    if self.instruction:
      texts.insert(0, self.instruction)
    return self.marks.separator.join(texts).rstrip()

  @property
  def parts(self) -> list[tuple[str, str]]:
    """The parts of the inputs: what each is, and its text with its marks."""
    parts = [('exemplar', exemplar) for exemplar in self.exemplars]
    if self.instruction:
      parts.insert(0, ('instruction', self.instruction))
    return [*parts, ('question', self._last)]

  @property
  def _last(self) -> str:
    """The question with its marks, after as many exemplars as there are."""
    marks, number = self.marks, len(self.exemplars)
    return marks.before[number] + self.question + marks.middle[number]


def ask(drawn: DrawnInstances) -> list[Example]:
  """Returns n examples with their questions, as yet without exemplars."""
  examples: dict[int, Example] = {}
  for number, form, indices in drawn.by_form():
    instructions = drawn.instructions(form, indices)
    filled = drawn.fill(form, drawn.instances, indices, indices)
    zero = form.exemplars == 0
    texts = zip(indices, instructions, *filled, strict=True)
    for i, instruction, question, target in texts:
      examples[i] = Example(number, instruction, question, target, zero)
  return [examples[i] for i in range(len(drawn))]


def lay_out(
  examples: Sequence[Example],
  drawn: DrawnInstances,
  bits: UInt64s,
  *,
  newlines: bool,
) -> Int64s:
  """Draws a layout for each of n examples that goes with its text.

  Args:
    examples: n examples, which are given their marks.
    drawn: their instances.
    bits: uint64 [n], the random bits that choose.
    newlines: False if the reader of the text takes newlines for spaces.

  Returns:
    int64 [n], indices into `layouts()`.
  """
  layout = choose_layouts(
    [example.question for example in examples],
    [example.target for example in examples],
    [drawn.forms[example.form].look for example in examples],
    bits,
    newlines=newlines,
  )
  for example, at in zip(examples, layout.tolist(), strict=True):
    form = drawn.forms[example.form]
    example.marks = _marks(at, form.join, form.separator)
  return layout


def add_exemplars(
  examples: Sequence[Example],
  picked: Sequence[Sequence[int]],
  pool: Pool,
  drawn: DrawnInstances,
) -> None:
  """Gives n examples their exemplars, in their own form, style and layout.

  Args:
    examples: n examples, with their marks.
    picked: for each the indices of its exemplars in the pool.
    pool: where they are from.
    drawn: the instances of the examples.
  """
  for _, form, indices in drawn.by_form():
    # The exemplars of all examples of a form are filled in together.
    flat = [e for i in indices for e in picked[i]]
    owners = [i for i in indices for _ in picked[i]]
    filled = zip(*drawn.fill(form, pool.instances, flat, owners), strict=True)
    for i in indices:
      marks = examples[i].marks
      # `picked[i]` ends first, so no text of the next example is taken.
      around = zip(marks.before, marks.middle, strict=True)
      examples[i].exemplars = [
        before + question + middle + answer
        for _, (before, middle), (question, answer) in zip(
          picked[i], around, filled, strict=False
        )
      ]


@functools.cache
def _marks(index: int, join: str | None, separator: str | None) -> Marks:
  """Returns a layout in which a form's own parts replace the layout's."""
  layout = layouts()[index]
  between = layout.between if join is None else join
  numbers = range(1, MANY + 2)
  return Marks(
    tuple(layout.prefix(n) for n in numbers),
    tuple(between + layout.cue(n) for n in numbers),
    layout.separator if separator is None else separator,
  )
