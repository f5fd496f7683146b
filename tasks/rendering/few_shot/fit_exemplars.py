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
    self._forms = drawn.forms
    # By whether the form asks to choose.
    self._options = {
      asks: drawn.styles.beside(asks_to_choose=asks).options
      for asks in (True, False)
    }
    self._dialog = drawn.styles.dialog
    # What stands around, and whether there are turns of a dialogue.
    self._around: dict[tuple[int, Marks], tuple[int, bool]] = {}

  def __call__(
    self, i: int, example: Example, exemplars: Sequence[int]
  ) -> list[int]:
    """Counts each exemplar in the form and the style of example i."""
    fixed, (_, lengths) = self._parts(i, example)
    return [fixed + lengths[e] for e in exemplars]

  def of_all(self, i: int, example: Example) -> Int64s:
    """Counts likewise each instance of the pool."""
    fixed, (lengths, _) = self._parts(i, example)
    return fixed + lengths

  def _parts(
    self, i: int, example: Example
  ) -> tuple[int, tuple[Int64s, list[int]]]:
    """Returns what the exemplars of example i take.

    That is the tokens that are the same for all; and on top of these those of
    each instance of the pool, as an array and as a list.
    """
    form = self._forms[example.form]
    count = self._pool.count_words
    key = (example.form, example.marks)
    if key not in self._around:
      # A field may take a token more where it meets the words around it.
      words = count(_around(form, example.marks)) + form.abutting
      self._around[key] = words, 'dialog' in form.fields
    (fixed, has_turns), item, turns = self._around[key], -1, -1
    styles = self._options[form.asks_to_choose]
    if form.shows_options and styles is not None:
      fixed += count(_heads(int(styles.opening[i]), int(styles.closing[i])))
      item = int(styles.item[i])
    if has_turns:
      turns = int(self._dialog[i])
    known = self._pool.counted
    counted = (form.inputs.fields, form.targets.fields, item, turns)
    if counted not in known:
      lengths = self._lengths(form, item, turns)
      known[counted] = lengths, lengths.tolist()
    return fixed, known[counted]

  def _lengths(self, form: Form, item: int, turns: int) -> Int64s:
    """Returns int64 [size of the pool], tokens of fields and their marks.

    Args:
      form: whose fields count.
      item: the style of its options; -1 for none.
      turns: the style of its turns; -1 for none.
    """
    count = self._pool.count_words
    fields = form.inputs.fields + form.targets.fields
    style = option_styles.styles().items[item]
    # An answer such as "(B)" is among the marks.
    if item >= 0 and not style.text_in_answer:
      fields = tuple(f for f in fields if f != 'answer')
    lengths = self._pool.lengths(fields, tokens=True)
    if item >= 0:
      numbers, of_each = np.unique(
        self._pool.items('options'), return_inverse=True
      )
      marks = [count(style.marks(n)) for n in numbers.tolist()]
      lengths = lengths + np.array(marks, np.int64)[of_each]
    if turns >= 0:
      shown = dialog_styles.styles()[turns]
      most = max(count(speaker + shown.join) for speaker in shown.speakers)
      lengths = lengths + most * self._pool.items('dialog')
    return lengths


@functools.cache
def _heads(opening: int, closing: int) -> str:
  """Returns the words above and below options."""
  known = option_styles.styles()
  return f'{known.openings[opening]} {known.closings[closing]}'


def _around(form: Form, marks: Marks) -> str:
  """Returns what an exemplar has around its fields."""
  # The number of the last exemplar is the longest.
  layout = (marks.before[-1], marks.middle[-1], marks.separator)
  return ' '.join([form.inputs.words, form.targets.words, *layout])
