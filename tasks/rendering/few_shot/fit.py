"""Exemplars dropped until an example fits into a length in tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import functools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s
from ul2_flan.tasks.rendering.few_shot.assemble import Example, Marks
from ul2_flan.tasks.rendering.few_shot.count import within
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.columns import Styles
from ul2_flan.tasks.rendering.styles import dialog, option_styles
from ul2_flan.tasks.rendering.templates.forms import Form


def fit(
  examples: Sequence[Example],
  picked: Sequence[list[int]],
  pool: Pool,
  *,
  forms: Sequence[Form],
  styles: Styles,
  max_tokens: int,
  another: Callable[[int, Bools], int | None],
) -> list[list[int] | None]:
  """Drops exemplars, from the last on, until each example fits.

  Bytes show that most examples fit: a SentencePiece vocabulary makes no more
  tokens than bytes, but for one, and for a few characters that it writes out,
  such as fractions. For the others tokens are counted: of the pool's rows and
  of the words and marks around them, each once for all examples, and then of
  the questions. Where texts meet, their tokens may be one more or less than
  they are apart: who has a hard limit checks the encoded example, as ever.

  Where not even the first exemplar fits, a single one that does takes the place
  of them all: the next of those that were drawn, or else another.

  Args:
    styles: of the examples.
    another: draws one of the pool's rows for example i from those that fit, a
      bool for each; None if it may have none of these.

  Returns:
    The exemplars of each; None where not even one fits beside the question.
  """
  result: list[list[int] | None] = list(picked)
  in_bytes = _Bytes(pool, forms)
  doubtful = [
    i
    for i, example in enumerate(examples)
    if example.question_bytes + in_bytes(example, picked[i]) >= max_tokens
  ]
  in_tokens = _Tokens(pool, forms, styles)
  questions = pool.count([examples[i].inputs for i in doubtful])
  for i, own in zip(doubtful, questions, strict=True):
    example, room = examples[i], max_tokens - own
    if example.zero:
      result[i] = [] if room >= 0 else None
    elif picked[i]:
      result[i] = _fitting(picked[i], in_tokens(i, example, picked[i]), room)
      if not result[i]:
        other = another(i, in_tokens.of_all(i, example) <= room)
        result[i] = None if other is None else [other]
  return result


def _fitting(picked: list[int], costs: list[int], room: int) -> list[int]:
  """The first exemplars that fit; where none do, the next one that does."""
  if kept := within(costs, room):
    return picked[:kept]
  return [e for e, cost in zip(picked, costs, strict=True) if cost <= room][:1]


class _Bytes:
  """Upper bounds of the bytes of exemplars."""

  def __init__(self, pool: Pool, forms: Sequence[Form]):
    self._pool = pool
    self._forms = forms
    self._around: dict[tuple[int, Marks], tuple[int, list[int]]] = {}

  def __call__(self, example: Example, exemplars: Sequence[int]) -> int:
    """Of exemplars in the form and the layout of an example."""
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

  def __init__(self, pool: Pool, forms: Sequence[Form], styles: Styles):
    self._pool = pool
    self._forms = forms
    self._styles = styles
    self._beside = {
      asks: styles.beside(asks_to_choose=asks).options for asks in (True, False)
    }
    self._listed: dict[tuple[str, ...], list[int]] = {}

  def __call__(
    self, i: int, example: Example, exemplars: Sequence[int]
  ) -> list[int]:
    """Of each exemplar, in the form and style of example i."""
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
    """The same of each of the pool's rows."""
    everything = range(len(self._pool.rows))
    return np.array(self(i, example, everything), np.int64)

  def _parts(
    self, i: int, example: Example
  ) -> tuple[int, tuple[str, ...], list[tuple[str, Callable[[int], int]]]]:
    """What the exemplars of example i take.

    What is the same for all, the fields that add to it, and fields of which
    the marks do, by the number of a field's items.
    """
    form = self._forms[example.form]
    count = self._pool.count_words
    fields = form.inputs.fields + form.targets.fields
    # A field may take a token more where it meets the words around it.
    fixed = count(_around(form, example.marks)) + form.abutting
    marks: list[tuple[str, Callable[[int], int]]] = []
    drawn = self._beside[form.asks_to_choose]
    if form.shows_options and drawn is not None:
      known = option_styles.styles()
      item = int(drawn.item[i])
      opening, closing = drawn.opening[i], drawn.closing[i]
      fixed += count(f'{known.openings[opening]} {known.closings[closing]}')
      marks.append(('options', lambda n: count(_marks(item, n))))
      if not known.items[item].text_in_answer:
        fields = tuple(f for f in fields if f != 'answer')
    if 'dialog' in fields:
      turns = dialog.styles()[self._styles.dialog[i]]
      most = max(count(speaker + turns.join) for speaker in turns.speakers)
      marks.append(('dialog', lambda n: n * most))
    return fixed, fields, marks


@functools.cache
def _marks(item: int, options: int) -> str:
  """All that a style has around so many options and an answer."""
  style = option_styles.styles().items[item]
  return f'{style.show([""] * options)} {style.answers[:options][-1]}'


def _around(form: Form, marks: Marks) -> str:
  """What an exemplar has around its fields."""
  return ' '.join(
    [
      form.inputs.words,
      form.targets.words,
      marks.before[-1],
      marks.middle[-1],
      marks.separator,
    ]
  )
