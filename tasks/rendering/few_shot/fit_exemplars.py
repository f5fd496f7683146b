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
from ul2_flan.tasks.rendering.few_shot.assemble import (
  MARKS_BYTES,
  Examples,
  Marks,
)
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles import dialog_styles, option_styles
from ul2_flan.tasks.rendering.styles.option_styles import DrawnOptionStyles
from ul2_flan.tasks.rendering.templates.form import Form


def fit_exemplars(
  examples: Examples,
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
  doubtful = _doubtful(examples, picked, pool, max_tokens)
  in_tokens = _Tokens(examples, pool, drawn)
  costs = {i: in_tokens(i, picked[i]) if picked[i] else [] for i in doubtful}
  # As yet without exemplars, inputs are the instruction and the question. ASCII
  # has at most one token more than characters: mostly this shows that it fits
  # beside the exemplars, whose tokens are known.
  questions = {
    i: text
    for i, text in zip(doubtful, examples.asked(doubtful), strict=True)
    if not (text.isascii() and len(text) + sum(costs[i]) < max_tokens)
  }
  asked = pool.count_once([*questions.values()])
  for i, tokens in zip(questions, asked, strict=True):
    room = max_tokens - tokens
    if not examples.forms[i].exemplars:
      result[i] = [] if room >= 0 else None
    elif picked[i]:
      result[i] = _fitting(picked[i], costs[i], room)
      if not result[i]:
        other = another(i, in_tokens.of_all(i) <= room)
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
  if sum(costs) <= room:
    return picked
  if kept := how_many_fit(costs, room):
    return picked[:kept]
  return [e for e, cost in zip(picked, costs, strict=True) if cost <= room][:1]


def _doubtful(
  examples: Examples, picked: Sequence[list[int]], pool: Pool, max_tokens: int
) -> list[int]:
  """Returns those of n examples that their bytes do not show to fit."""
  lengths = {form: pool.most_bytes(form) for form in set(examples.forms)}
  result = []
  for i, question in enumerate(examples.questions):
    # There are as many bytes as characters, or more.
    size = len(question) + MARKS_BYTES
    if size < max_tokens:
      form, exemplars = examples.forms[i], picked[i]
      size += len(question.encode()) - len(question)
      size += len(examples.instructions[i].encode())
      size += len(exemplars) * _around_bytes(form, examples.marks[i])
      size += sum(map(lengths[form].__getitem__, exemplars))
    if size >= max_tokens:
      result.append(i)
  return result


class _Tokens:
  """The tokens of exemplars, or a few more."""

  def __init__(self, examples: Examples, pool: Pool, drawn: DrawnInstances):
    self._forms = examples.forms
    self._marks = examples.marks
    self._pool = pool
    styles = drawn.shown_styles.options
    self._options = [] if styles is None else _listed(styles)
    self._turns = drawn.styles.dialog.tolist()
    # What was counted before in this block.
    self._of_words: dict[tuple[Form, Marks], int] = {}
    self._of_heads: dict[tuple[int, int], int] = {}
    self._known_alike: dict[int, tuple[int, int]] = {}

  def __call__(self, i: int, exemplars: Sequence[int]) -> list[int]:
    """Counts each exemplar in the form and the style of example i."""
    fixed, (_, lengths) = self._parts(i)
    return [fixed + lengths[e] for e in exemplars]

  def of_all(self, i: int) -> Int64s:
    """Counts likewise each instance of the pool."""
    fixed, (lengths, _) = self._parts(i)
    return fixed + lengths

  def _parts(self, i: int) -> tuple[int, tuple[Int64s, list[int]]]:
    """Returns what the exemplars of example i take.

    That is the tokens that are the same for all; and on top of these those of
    each instance of the pool, as an array and as a list.
    """
    form = self._forms[i]
    words = form, self._marks[i]
    if words not in self._of_words:
      # A field may take a token more where it meets the words around it.
      tokens = self._pool.count_words(_around(*words)) + form.abutting
      self._of_words[words] = tokens
    fixed = self._of_words[words]
    item = turns = -1
    if form.shows_options and self._options:
      heads, item = self._options[i]
      if heads not in self._of_heads:
        self._of_heads[heads] = self._pool.count_words(_heads(*heads))
      if item not in self._known_alike:
        self._known_alike[item] = self._alike(item)
      item, more = self._known_alike[item]
      fixed += self._of_heads[heads] + more
    if form.shows_turns:
      turns = self._turns[i]
    key = form, item, turns
    known = self._pool.counted
    if key not in known:
      lengths = self._lengths(form, item, turns)
      known[key] = lengths, lengths.tolist()
    return fixed, known[key]

  def _alike(self, item: int) -> tuple[int, int]:
    """Returns an item to count in the place of this one, which takes more.

    If all instances have as many options, items that show answers alike differ
    by the same number of tokens for each. So one of these is counted.

    Args:
      item: the style of options.

    Returns:
      the item to count, and the tokens that this one takes more.
    """
    numbers = set(self._pool.items('options').tolist())
    if len(numbers) != 1:
      return item, 0
    items = option_styles.styles().items
    one = [i.text_in_answer for i in items].index(items[item].text_in_answer)
    these, those = (items[i].marks(*numbers) for i in (item, one))
    count = self._pool.count_words
    return one, count(these) - count(those)

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


def _listed(styles: DrawnOptionStyles) -> list[tuple[tuple[int, int], int]]:
  """Returns opening and closing, and item, of each of n styles."""
  heads = zip(styles.opening.tolist(), styles.closing.tolist(), strict=True)
  return list(zip(heads, styles.item.tolist(), strict=True))


@functools.cache
def _heads(opening: int, closing: int) -> str:
  """Returns the words above and below options."""
  known = option_styles.styles()
  return f'{known.openings[opening]} {known.closings[closing]}'


# All examples of a task share its forms and marks.
@functools.lru_cache(maxsize=1 << 12)
def _around(form: Form, marks: Marks) -> str:
  """Returns what an exemplar has around its fields."""
  # The number of the last exemplar is the longest.
  layout = (marks.before[-1], marks.middle[-1], marks.separator)
  return ' '.join([form.inputs.words, form.targets.words, *layout])


@functools.lru_cache(maxsize=1 << 12)
def _around_bytes(form: Form, marks: Marks) -> int:
  return len(_around(form, marks).encode())
