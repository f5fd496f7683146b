"""The features of evaluation records, and those that are not token ids."""

from collections.abc import Sequence
import dataclasses
import json

import numpy as np

from ul2_flan.tasks import records
from ul2_flan.tasks.evaluation.prompting import Prompt, Prompter
from ul2_flan.tasks.evaluation.reading import NoQuestion, Question
from ul2_flan.tasks.ragged import Ragged

# The features of a record besides token ids.
TEXTS = (
  *('inputs_pretokenized', 'targets_pretokenized'),
  *('answers', 'id', 'task', 'variant'),
)
NUMBERS = ('exemplars', 'sample')

# Those that records have besides if a run has choices that a model ranks.
RANK_TEXTS = ('credit',)
RANK_NUMBERS = ('question', 'choice', 'tokens', 'characters')


@dataclasses.dataclass(frozen=True, slots=True)
class DataSet:
  """What all prompts of a data set share.

  Attributes:
    name: its name.
    number: its index in its group.
    task: the task's full name.
    variant: 'direct' or 'cot'.
    prompter: makes the prompts.
    source: a file that the questions are from.
    ranked: whether each choice of a question is a record.
    left_out: rows of the task that are no questions.
  """

  name: str
  number: int
  task: str
  variant: str
  prompter: Prompter
  source: str
  ranked: bool = False
  left_out: Sequence[NoQuestion] = ()


def text_columns(
  data_set: DataSet,
  owners: Sequence[Question],
  prompts: Sequence[Prompt],
  again: np.ndarray,
) -> dict[str, records.Column]:
  """Makes the texts of records; `again` has the number of each one's prompt."""
  texts = (
    (
      *(prompt.text, question.answers[0]),
      json.dumps(question.answers, ensure_ascii=False),
      *(question.key, data_set.task, data_set.variant),
    )
    for question, prompt in zip(owners, prompts, strict=True)
  )
  columns: dict[str, records.Column] = {}
  for name, column in zip(TEXTS, zip(*texts, strict=True), strict=True):
    encoded = [text.encode() for text in column]
    columns[name] = [encoded[i] for i in again.tolist()]
  return columns


def rank_columns(
  data_set: DataSet,
  questions: Sequence[Question],
  numbers: Sequence[int],
  targets: Ragged,
) -> dict[str, records.Column]:
  """Makes what rank classification needs; of other records it is empty."""
  if not data_set.ranked:
    empty = Ragged.of([[0]] * len(numbers))
    return {
      **dict.fromkeys(RANK_NUMBERS, empty),
      'credit': [b''] * len(numbers),
    }
  choices = [
    (question, text, credit)
    for question in questions
    for text, credit in zip(question.scored, question.credits, strict=True)
  ]
  return {
    'question': Ragged.of([[int(q.id)] for q, *_ in choices]),
    'choice': Ragged.of([[i] for i in numbers]),
    'tokens': Ragged.of([[n] for n in targets.lengths.tolist()]),
    'characters': Ragged.of([[len(text)] for _, text, _ in choices]),
    'credit': [str(credit).encode() for *_, credit in choices],
    # Each record has the choice that it scores, and not the answer.
    'targets_pretokenized': [text.encode() for _, text, _ in choices],
  }
