"""The pool of a task: the instances that may be exemplars, and their lengths.

A pool is the instances of the training split whose keys come first in an order
drawn from the seed. So it is the same however the split was divided among
workers, and its size is bounded whatever the split's.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.needs_options import which_need_options
from ul2_flan.tasks.rendering.instances.same_question import questions
from ul2_flan.tasks.rendering.templates.family import LIST_FIELDS, Family
from ul2_flan.tasks.rendering.templates.form import Form
from ul2_flan.tasks.rendering.trimming.template_overhead import CountTokens
from ul2_flan.tasks.seeding import draw, stream

# Instances in a pool: so many that two examples rarely share an exemplar, and
# so few that it costs little to count their tokens.
POOL_SIZE = 1000


def pool_rank(keys: UInt64s, *, seed: int, task: str) -> UInt64s:
  """Returns uint64 [n], places in the drawn order: a pool has the lowest."""
  return draw(stream(seed, f'{task}/exemplars', keys), 0)


def choose_pool(
  instances: Instances, *, seed: int, task: str, size: int = POOL_SIZE
) -> Instances:
  """Returns the `size` instances of lowest rank, in the order of their rank.

  Pools of parts of a split merge into the split's: choose again from the
  instances of all of them.
  """
  rank = pool_rank(instances.keys, seed=seed, task=task)
  return instances.take(np.lexsort((instances.keys, rank))[:size])


# More bytes than the words and marks of any style of options take, for all of
# them together and for each; and for each turn of a dialogue.
_OPTIONS_EXTRA = 24
_OPTION_EXTRA = 8
_TURN_EXTRA = 12


@dataclasses.dataclass(frozen=True)
class Pool:
  """The n instances to choose exemplars from.

  Attributes:
    instances: the instances.
    question: int64 [n], the number of what each asks; the same for the same.
    numbers: maps what is asked (`same_question.questions`) to its number.
    need_options: bool [n], whose answers make no sense without their options.
    count_tokens: counts tokens; None to take bytes for them.
    count_new: the same for texts that do not recur; None for `count_tokens`.
  """

  instances: Instances
  question: Int64s
  numbers: dict[str, int]
  need_options: Bools
  count_tokens: CountTokens | None = None
  count_new: CountTokens | None = None

  @classmethod
  def of(
    cls,
    family: Family,
    instances: Instances,
    count_tokens: CountTokens | None = None,
    count_new: CountTokens | None = None,
  ) -> Pool:
    """Makes a pool of instances of a family."""
    instances = instances.as_source(family.as_source)
    numbers: dict[str, int] = {}
    texts = questions(family, instances)
    ids = [numbers.setdefault(text, len(numbers)) for text in texts]
    return cls(
      instances,
      np.array(ids, np.int64),
      numbers,
      which_need_options(family, instances),
      count_tokens,
      count_new,
    )

  @property
  def fields(self) -> frozenset[str]:
    """The fields that every instance has."""
    columns = self.instances.columns.items()
    return frozenset(f for f, column in columns if None not in column)

  def count(self, texts: Sequence[str]) -> Sequence[int]:
    """Returns the tokens of each text, or more."""
    if self.count_tokens and texts:
      return self.count_tokens(texts)
    # SentencePiece makes at most one token more than there are bytes: it writes
    # a space before the text.
    return [len(text.encode()) + 1 for text in texts]

  def count_once(self, texts: Sequence[str]) -> Sequence[int]:
    """As `count`, for texts that do not recur."""
    if self.count_new and texts:
      return self.count_new(texts)
    return self.count(texts)

  def count_words(self, text: str) -> int:
    """As `count`, for one text that recurs."""
    if text not in self._words:
      self._words[text] = self.count([text])[0]
    return self._words[text]

  def lengths(self, fields: tuple[str, ...], tokens: bool) -> Int64s:
    """Returns int64 [n], the bytes or tokens of fields of each instance.

    Args:
      fields: the fields to add up; one that occurs twice counts twice.
      tokens: count tokens, without the marks of options and turns; else bytes,
        with the marks that any style may have.
    """
    known = self._lengths
    key = (fields, tokens)
    if key not in known:
      if len(fields) == 1:
        # Each column is counted once, whatever it is added to.
        known[key] = self._measure(fields[0], tokens)
      else:
        known[key] = np.zeros(len(self.instances), np.int64)
        for field in fields:
          known[key] += self.lengths((field,), tokens)
    return known[key]

  def most_bytes(self, form: Form) -> list[int]:
    """Returns n upper bounds of the bytes of the fields of a form."""
    known = self._most_bytes
    if form not in known:
      fields = form.inputs.fields + form.targets.fields
      known[form] = self.lengths(fields, tokens=False).tolist()
    return known[form]

  def items(self, field: str) -> Int64s:
    """Returns int64 [n], how many options, or turns, each instance has."""
    known = self._items
    if field not in known:
      known[field] = np.array([len(v) for v in self.instances.columns[field]])
    return known[field]

  # What was counted before: the pool is the same for all examples of a task.
  @functools.cached_property
  def counted(self) -> dict[Hashable, tuple[Int64s, list[int]]]:
    """Keeps tokens of each instance in a form and a style: `fit_exemplars`."""
    return {}

  @functools.cached_property
  def _most_bytes(self) -> dict[Form, list[int]]:
    return {}

  @functools.cached_property
  def _lengths(self) -> dict[tuple[tuple[str, ...], bool], Int64s]:
    return {}

  @functools.cached_property
  def _items(self) -> dict[str, Int64s]:
    return {}

  @functools.cached_property
  def _words(self) -> dict[str, int]:
    return {}

  def _measure(self, field: str, tokens: bool) -> Int64s:
    """Counts one field of each instance; see `lengths`."""
    texts = self.instances.columns[field]
    if field in LIST_FIELDS:
      texts = [' '.join(value) for value in texts]
    if tokens:
      return np.asarray(self.count(texts), np.int64)
    lengths = np.array([len(text.encode()) for text in texts], np.int64)
    if field == 'options':
      lengths += _OPTIONS_EXTRA + _OPTION_EXTRA * self.items(field)
    elif field in LIST_FIELDS:
      lengths += _TURN_EXTRA * self.items(field)
    return lengths
