"""Puts examples together: the instruction, the exemplars, the question."""

from collections.abc import Iterable, Sequence
import dataclasses
import functools

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles.layout_choice import choose_layouts
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.form import Form


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
MARKS_BYTES = 80


@dataclasses.dataclass(slots=True)
class Examples:
  """The texts of n few-shot examples, not yet put together.

  Attributes:
    forms: the form of each.
    instructions: what stands above all; empty for none.
    questions: each without the layout's marks.
    targets: the answers.
    marks: what stands around questions, once `lay_out` has drawn it.
    exemplars: the questions and answers of the exemplars of each, by turns,
      once `add_exemplars` has written them.
  """

  forms: list[Form]
  instructions: list[str]
  questions: list[str]
  targets: list[str]
  marks: list[Marks]
  exemplars: list[Sequence[str]]

  def __len__(self) -> int:
    return len(self.forms)

  def inputs(self, indices: Iterable[int]) -> list[str]:
    """Puts instruction, exemplars and question together, of some examples."""
    made = []
    for i in indices:
      exemplars, instruction = self.exemplars[i], self.instructions[i]
      above = (instruction,) if instruction else ()
      # To join one list takes half the time of Python's `%` operator.
      text = [*_around(self.marks[i], len(exemplars) // 2, len(above))]
      text[1::2] = (*above, *exemplars, self.questions[i])
      made.append(''.join(text).rstrip())
    return made

  def asked(self, indices: Iterable[int]) -> list[str]:
    """As `inputs`, but all without exemplars."""
    made = []
    for i in indices:
      marks, above = self.marks[i], self.instructions[i]
      if above:
        above += marks.separator
      before, middle = marks.before[0], marks.middle[0]
      text = f'{above}{before}{self.questions[i]}{middle}'
      made.append(text.rstrip())
    return made

  def parts(self, i: int) -> list[tuple[str, str]]:
    """Returns the parts of an input: what each is, and its text with marks."""
    marks, flat = self.marks[i], self.exemplars[i]
    pairs = zip(flat[::2], flat[1::2], strict=True)
    # There are more marks than exemplars.
    around = zip(marks.before, marks.middle, strict=False)
    parts = [
      ('exemplar', before + question + middle + answer)
      for (question, answer), (before, middle) in zip(
        pairs, around, strict=False
      )
    ]
    if self.instructions[i]:
      parts.insert(0, ('instruction', self.instructions[i]))
    n = len(flat) // 2
    last = marks.before[n] + self.questions[i] + marks.middle[n]
    return [*parts, ('question', last)]


def ask(drawn: DrawnInstances) -> Examples:
  """Returns n examples with their questions, as yet without exemplars."""
  n = len(drawn)
  instructions = [''] * n
  for form, indices in drawn.by_form:
    if form.instruction:
      above = drawn.instructions(form, indices)
      for i, instruction in zip(indices, above, strict=True):
        instructions[i] = instruction
  return Examples(
    [drawn.forms[number] for number in drawn.chosen.tolist()],
    instructions,
    *drawn.fill_own(),
    [_NONE] * n,
    [()] * n,
  )


def lay_out(
  examples: Examples, drawn: DrawnInstances, bits: UInt64s, *, newlines: bool
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
    examples.questions,
    examples.targets,
    [form.look for form in examples.forms],
    bits,
    newlines=newlines,
  )
  marks = [_marks(form.join, form.separator) for form in drawn.forms]
  examples.marks = [
    marks[number][at]
    for number, at in zip(drawn.chosen.tolist(), layout.tolist(), strict=True)
  ]
  return layout


def add_exemplars(
  examples: Examples,
  picked: Sequence[Sequence[int]],
  pool: Pool,
  drawn: DrawnInstances,
) -> None:
  """Gives n examples their exemplars, in their own form and style.

  Args:
    examples: n examples.
    picked: for each the indices of its exemplars in the pool.
    pool: where they are from.
    drawn: the instances of the examples.
  """
  for indices, *filled in drawn.fill(pool.instances, picked):
    # A question, its answer, the next question, ...
    texts = [''] * (2 * len(filled[0]))
    texts[::2], texts[1::2] = filled
    start = 0
    for i in indices:
      stop = start + 2 * len(picked[i])
      examples.exemplars[i] = texts[start:stop]
      start = stop


@functools.lru_cache(maxsize=1 << 14)
def _around(marks: Marks, exemplars: int, instructions: int) -> tuple[str, ...]:
  """Returns what stands around the texts of inputs, which have odd places.

  Args:
    marks: the layout.
    exemplars: how many there are.
    instructions: 1 if an instruction stands above, else 0.
  """
  before, middle, separator = marks.before, marks.middle, marks.separator
  words = ['', separator + before[0]] if instructions else [before[0]]
  for k in range(exemplars):
    words += [middle[k], separator + before[k + 1]]
  words.append(middle[exemplars])
  return tuple(part for word in words for part in (word, ''))[:-1]


@functools.cache
def _marks(join: str | None, separator: str | None) -> tuple[Marks, ...]:
  """Returns all layouts, in which a form's own parts replace the layouts'."""
  numbers = range(1, MANY + 2)
  return tuple(
    Marks(
      tuple(layout.prefix(n) for n in numbers),
      tuple(
        (layout.between if join is None else join) + layout.cue(n)
        for n in numbers
      ),
      layout.separator if separator is None else separator,
    )
    for layout in layouts()
  )
