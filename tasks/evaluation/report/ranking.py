"""Questions whose choices a model has ranked: lines, and their score."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.rules.rank import (
  Choice,
  rank_credits,
  rank_scores,
)

# A choice, and the log-likelihood that a model gives it.
Scored = tuple[Choice, float]


def choices_of(
  line: Mapping[str, Any], fields: Mapping[str, Any], where: str
) -> tuple[Scored, ...]:
  """Reads the choices of a line: one, or all of a question.

  Args:
    line: has "score", or "scores" of all choices in their order.
    fields: those of the line and of its example: "credit" or "credits", and if
      they are known the lengths "tokens" and "characters"; "choice" of one.
    where: file and line, for messages.

  Raises:
    UserError: it has no scores, or not as many as credits.
  """
  one = [
    fields.get('choice'),
    fields.get('score'),
    fields.get('credit', fields.get('is_correct')),
    fields.get('tokens', 1),
    fields.get('characters', 1),
  ]
  rows: Any = [one]
  try:
    if 'scores' in line:
      n = len(line['scores'])
      lengths = (fields.get(key, [1] * n) for key in ('tokens', 'characters'))
      credits = fields['credits']
      rows = zip(range(n), line['scores'], credits, *lengths, strict=True)
    found = tuple(
      (
        Choice(0, int(i), float(credit), int(tokens), int(letters)),
        float(score),
      )
      for i, score, credit, tokens, letters in rows
    )
  except (KeyError, TypeError, ValueError):
    found = ()
  if not found or not all(np.isfinite(score) for _, score in found):
    raise UserError(
      f'{where} has no ranked choice: "choice", "credit" and "score" are '
      'numbers; or "credits" and "scores" are lists of them, for all choices '
      'of a question'
    )
  return found


def score_ranks(
  questions: Sequence[Sequence[Scored]],
) -> tuple[np.ndarray, dict[str, float]]:
  """Scores the questions of a task.

  Args:
    questions: the choices of each.

  Returns:
    the credit of each question, by sums of log-likelihoods; and the scores of
    `rank_scores`, in percent.
  """
  flat = [
    (choice._replace(question=number), score)
    for number, of in enumerate(questions)
    for choice, score in of
  ]
  choices, scores = zip(*flat, strict=True)
  return rank_credits(choices, scores), rank_scores(choices, scores)
