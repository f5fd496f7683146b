"""One question of a suite, as its files have it."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
  """A question with its references; no text of it is tidied.

  Attributes:
    task: the full name of its task.
    split: the split that it is in.
    id: unique in task and split: the file's own, or its number from 0.
    text: the question.
    answers: all references, without repetition. Of MMLU it is the letter.
    options: of MMLU, and of tasks whose choices are ranked, in order.
    credits: what a model gets that ranks each option first, from 0 to 1.
    passage: what the question is about, if that is not in its text.
    chain: of an exemplar of MGSM: its answer with reasoning.
    asked: of a benchmark, how its prompt ends; or how it ends for each option.
    endings: what is scored of each option, if that is not its text.
  """

  task: str
  split: str
  id: str
  text: str
  answers: tuple[str, ...]
  options: tuple[str, ...] = ()
  passage: str = ''
  chain: str = ''
  credits: tuple[float, ...] = ()
  asked: tuple[str, ...] = ()
  endings: tuple[str, ...] = ()

  @property
  def key(self) -> str:
    """An id that is unique in its task.

    >>> Question(task='bbh:x', split='test', id='3', text='', answers=()).key
    'test-3'
    """
    return f'{self.split}-{self.id}'

  @property
  def scored(self) -> tuple[str, ...]:
    """What a model gives a likelihood to, by option."""
    return self.endings or self.options

  def by_prompt(self) -> list[Question]:
    """Returns a question for each prompt: one, or one for each option.

    >>> one = Question(task='t', split='test', id='0', text='', answers=(),
    ...                asked=('Up Bo', 'Up Ada'))
    >>> [of.asked for of in one.by_prompt()]
    [('Up Bo',), ('Up Ada',)]
    """
    if len(self.asked) < 2:
      return [self]
    return [dataclasses.replace(self, asked=(text,)) for text in self.asked]


@dataclasses.dataclass(frozen=True, slots=True)
class NoQuestion:
  """A row of a suite's files that is no question.

  Attributes:
    task: the full name of its task.
    path: its file, or the first of those that the rows of its split are in.
    place: where it stands, as its reader counts, or its number from 0.
    reason: the code that such rows are counted by.
    detail: what is wrong with it.
  """

  task: str
  path: str
  place: int
  reason: str
  detail: str
