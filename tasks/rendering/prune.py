"""Exemplars dropped until an example fits into a length in tokens."""

from __future__ import annotations

from collections.abc import Sequence

from ul2_flan.tasks.rendering.exemplars import Pool
from ul2_flan.tasks.rendering.few_shot import Example, Marks
from ul2_flan.tasks.rendering.forms import Form
from ul2_flan.tasks.rendering.room import within


def fit(
  examples: Sequence[Example],
  picked: Sequence[list[int]],
  pool: Pool,
  *,
  forms: Sequence[Form],
  max_tokens: int,
) -> list[list[int] | None]:
  """Drops exemplars, from the last on, until each example fits.

  Bytes show that most examples fit: a SentencePiece vocabulary makes no more
  tokens than bytes, but for one, and for a few characters that it writes out,
  such as fractions. For the others tokens are counted: first of the pool's
  rows, once for all examples, and then of the questions. Where texts meet,
  their tokens may be one more or less than they are apart: who has a hard limit
  checks the encoded example, as ever.

  Returns:
    The exemplars of each; None where not even one fits beside the question.
  """
  result: list[list[int] | None] = list(picked)
  doubtful = list(range(len(examples)))
  for in_tokens in (False, True):
    costs = _Costs(pool, forms, in_tokens=in_tokens)
    doubtful = [
      i
      for i in doubtful
      if examples[i].question_bytes + sum(costs(examples[i], picked[i]))
      >= max_tokens
    ]
  questions = pool.count([examples[i].inputs for i in doubtful])
  for i, own in zip(doubtful, questions, strict=True):
    room = max_tokens - own
    kept = within(costs(examples[i], picked[i]), room)
    fits = kept > 0 or (examples[i].zero and room >= 0)
    result[i] = picked[i][:kept] if fits else None
  return result


class _Costs:
  """Upper bounds of the tokens, or of the bytes, of exemplars."""

  def __init__(self, pool: Pool, forms: Sequence[Form], *, in_tokens: bool):
    self._pool = pool
    self._forms = forms
    self._in_tokens = in_tokens
    self._around: dict[tuple[int, Marks], tuple[int, list[int]]] = {}

  def __call__(self, example: Example, exemplars: Sequence[int]) -> list[int]:
    """Of each exemplar, in the form and the layout of an example."""
    key = (example.form, example.marks)
    if key not in self._around:
      self._around[key] = self._measure(*key)
    fixed, lengths = self._around[key]
    return [fixed + lengths[e] for e in exemplars]

  def _measure(self, form: int, marks: Marks) -> tuple[int, list[int]]:
    """What is the same for all exemplars, and each row's fields."""
    wording = self._forms[form]
    around = ' '.join(
      [
        wording.inputs.words,
        wording.targets.words,
        marks.before[-1],
        marks.middle[-1],
        marks.separator,
      ]
    )
    fixed = len(around.encode())
    if self._in_tokens:
      fixed = self._pool.count_words(around)
    # A field may take a token more where it meets the words around it.
    fields = wording.inputs.fields + wording.targets.fields
    lengths = self._pool.lengths(fields, self._in_tokens)
    return fixed + len(fields), lengths
