"""One question of a suite, as its files have it."""

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
    passage: of TyDi QA.
    chain: of an exemplar of MGSM: its answer with reasoning.
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

  @property
  def key(self) -> str:
    """An id that is unique in its task.

    >>> Question(task='bbh:x', split='test', id='3', text='', answers=()).key
    'test-3'
    """
    return f'{self.split}-{self.id}'
