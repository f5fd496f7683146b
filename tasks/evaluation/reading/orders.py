"""Other orders of a question's options, to see how much a model minds."""

import dataclasses

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.evaluation.reading.question import Question

_LETTERS = 'ABCDEFGHIJ'


def reordered(question: Question, order: int) -> Question:
  """Puts the options of a question whose answer is a letter in another order.

  Each question has orders of its own, by its key. Options that name others,
  such as "both A and B", are moved as all are.

  >>> question = Question(task='mmlu:anatomy', split='test', id='3', text='?',
  ...                     options=('w', 'x', 'y', 'z'), answers=('B',))
  >>> other = reordered(question, 1)
  >>> other.options, other.answers
  (('w', 'z', 'y', 'x'), ('D',))

  Args:
    question: any; one without such an answer stays as it is.
    order: the number of the order; 0 for that of the file.
  """
  letters = _LETTERS[: len(question.options)]
  if not order or question.credits or question.answers[0] not in [*letters]:
    return question
  at = places(question.task, question.key, len(letters), order)
  answer = at.index(letters.index(question.answers[0]))
  return dataclasses.replace(
    question,
    options=tuple(question.options[i] for i in at),
    answers=(letters[answer],),
  )


def places(task: str, question: str, options: int, order: int) -> list[int]:
  """Draws which option stands first, second and so on: a permutation.

  Args:
    task: the full name of a task.
    question: the key of its question.
    options: how many it has.
    order: the number of the order.
  """
  key = seeding.id_key(f'{task} {question}'.encode())
  streams = seeding.stream(
    order, 'evaluation/options', np.array([key], np.uint64)
  )
  drawn = seeding.draw(streams, np.arange(options))
  of: list[int] = np.argsort(drawn).tolist()
  return of
