"""Drops exemplars until an example fits into a length in tokens.

Bytes show that most examples fit: a SentencePiece vocabulary makes no more
tokens than bytes, but for one, and for a few characters that it writes out,
such as fractions. For the others tokens are counted: those of the pool's
instances and of the words and marks around them, each once for all examples,
and then those of the questions. Where texts meet, there may be a token more or
less than they have apart; so the encoded example is checked against the limit
once more.
"""

from collections.abc import Callable, Sequence
import functools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s
from ul2_flan.tasks.rendering.few_shot.assemble import Example, Marks
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles import dialog_styles, option_styles
from ul2_flan.tasks.rendering.templates.form import Form


def fit_exemplars(
  examples: Sequence[Example],
  picked: Sequence[list[int]],
  pool: Pool,
  drawn: DrawnInstances,
  *,
  max_tokens: int,
  another: Callable[[int, Bools], int | None],
) -> list[list[int] | None]:
  """Drops exemplars, from the last on, until each of n examples fits.

  Where not even the first exemplar fits, a single one that does takes the place
  of them all: the next of those that were drawn, or else another of the pool.

  Args:
    examples: n examples with their marks, without exemplars.
    picked: for each the indices of its exemplars in the pool.
    pool: where they are from.
    drawn: the instances of the examples.
    max_tokens: for the inputs of each.
    another: draws an instance of the pool for example i from those that fit, a
      bool for each; None if it may have none of these.

  Returns:
    for each example the exemplars that fit; None where not even one fits beside
    the question.
  """
  # Those that bytes show to fit keep what was drawn.
  result: list[list[int] | None] = list(picked)
  in_bytes = _Bytes(pool, drawn.forms)
  doubtful = [
    i
    for i, example in enumerate(examples)
    if example.question_bytes + in_bytes(example, picked[i]) >= max_tokens
  ]
  in_tokens = _Tokens(pool, drawn)
  # As yet without exemplars, inputs are the instruction and the question.
  questions = pool.count([examples[i].inputs for i in doubtful])
  for i, asked in zip(doubtful, questions, strict=True):
    example, room = examples[i], max_tokens - asked
    if example.zero:
      result[i] = [] if room >= 0 else None
    elif picked[i]:
      result[i] = _fitting(picked[i], in_tokens(i, example, picked[i]), room)
      if not result[i]:
        other = another(i, in_tokens.of_all(i, example) <= room)
        result[i] = None if other is None else [other]
  return result


def how_many_fit(costs: Sequence[int], room: int) -> int:
  """Returns how many exemplars fit, from the first on.

  >>> how_many_fit([10, 20, 30], 35), how_many_fit([40, 1], 35)
  (2, 0)
  """
  used = 0
  for count, cost in enumerate(costs):
    used += cost
    if used > room:
      return count
  return len(costs)


def _fitting(picked: list[int], costs: list[int], room: int) -> list[int]:
  """Returns the first exemplars that fit, or else the next one that does."""
  if kept := how_many_fit(costs, room):
    return picked[:kept]
  return [e for e, cost in zip(picked, costs, strict=True) if cost <= room][:1]


class _Bytes:
  """Upper bounds of the bytes of exemplars."""

  def __init__(self, pool: Pool, forms: Sequence[Form]):
    self._pool = pool
    self._forms = forms
    self._around: dict[tuple[int, Marks], tuple[int, list[int]]] = {}

  def __call__(self, example: Example, exemplars: Sequence[int]) -> int:
    """Counts exemplars in the form and the layout of an example."""
    key = (example.form, example.marks)
    if key not in self._around:
      form = self._forms[example.form]
      fields = form.inputs.fields + form.targets.fields
      lengths = self._pool.lengths(fields, tokens=False).tolist()
      self._around[key] = len(_around(form, key[1]).encode()), lengths
    fixed, lengths = self._around[key]
    return fixed * len(exemplars) + sum([lengths[e] for e in exemplars])


class _Tokens:
  """The tokens of exemplars, or a few more."""

  def __init__(self, pool: Pool, drawn: DrawnInstances):
    self._pool = pool
    self._drawn = drawn
    # By whether the form asks to choose.
    self._beside = {
      asks: drawn.styles.beside(asks_to_choose=asks).options
      for asks in (True, False)
    }
    self._listed: dict[tuple[str, ...], list[int]] = {}

  def __call__(
    self, i: int, example: Example, exemplars: Sequence[int]
  ) -> list[int]:
    """Counts each exemplar in the form and the style of example i."""
    fixed, fields, marks = self._parts(i, example)
    if fields not in self._listed:
      self._listed[fields] = self._pool.lengths(fields, tokens=True).tolist()
    lengths = self._listed[fields]
    costs = [fixed + lengths[e] for e in exemplars]
    for field, count in marks:
      numbers = self._pool.items(field)[exemplars].tolist()
      of_number = {n: count(n) for n in set(numbers)}
      costs = [c + of_number[n] for c, n in zip(costs, numbers, strict=True)]
    return costs

  def of_all(self, i: int, example: Example) -> Int64s:
    """Counts likewise each instance of the pool."""
    everything = range(len(self._pool.instances))
    return np.array(self(i, example, everything), np.int64)

  def _parts(
    self, i: int, example: Example
  ) -> tuple[int, tuple[str, ...], list[tuple[str, Callable[[int], int]]]]:
    """Returns what the exemplars of example i take.

    That is the tokens that are the same for all; the fields whose tokens come
    on top; and fields whose marks do, each with a function from the number of
    its items (options or turns) to the tokens of their marks.
    """
    form = self._drawn.forms[example.form]
    count = self._pool.count_words
    fields = form.inputs.fields + form.targets.fields
    # A field may take a token more where it meets the words around it.
    fixed = count(_around(form, example.marks)) + form.abutting
    marks: list[tuple[str, Callable[[int], int]]] = []
    styles = self._beside[form.asks_to_choose]
    if form.shows_options and styles is not None:
      known = option_styles.styles()
      item = int(styles.item[i])
      opening, closing = styles.opening[i], styles.closing[i]
      fixed += count(f'{known.openings[opening]} {known.closings[closing]}')
      marks.append(('options', lambda n: count(_option_marks(item, n))))
      # An answer such as "(B)" is among the marks.
      if not known.items[item].text_in_answer:
        fields = tuple(f for f in fields if f != 'answer')
    if 'dialog' in fields:
      turns = dialog_styles.styles()[self._drawn.styles.dialog[i]]
      most = max(count(speaker + turns.join) for speaker in turns.speakers)
      marks.append(('dialog', lambda n: n * most))
    return fixed, fields, marks


@functools.cache
def _option_marks(item: int, count: int) -> str:
  """Returns all that a style has around so many options and an answer."""
  return option_styles.styles().items[item].marks(count)


def _around(form: Form, marks: Marks) -> str:
  """Returns what an exemplar has around its fields."""
  # The number of the last exemplar is the longest.
  layout = (marks.before[-1], marks.middle[-1], marks.separator)
  return ' '.join([form.inputs.words, form.targets.words, *layout])
