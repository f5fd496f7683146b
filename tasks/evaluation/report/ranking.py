"""Questions whose choices a model has ranked: lines, and their score."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.rules.rank import (
  Choice,
  RankBy,
  rank_credits,
  rank_f1_parts,
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


class Ranked(NamedTuple):
  """The score of a task whose choices are ranked.

  Attributes:
    credits: float [questions], of what is ranked first.
    facts: what `rank_scores` returns, in percent.
    f1_parts: what `rank_f1_parts` returns.
  """

  credits: np.ndarray
  facts: dict[str, float]
  f1_parts: np.ndarray | None


def score_ranks(
  questions: Sequence[Sequence[Scored]], by: RankBy = 'sum'
) -> Ranked:
  """Scores the questions of a task.

  Args:
    questions: the choices of each.
    by: what they are ranked by.
  """
  flat = [
    (choice._replace(question=number), score)
    for number, of in enumerate(questions)
    for choice, score in of
  ]
  choices, scores = zip(*flat, strict=True)
  return Ranked(
    rank_credits(choices, scores, by),
    rank_scores(choices, scores, by),
    rank_f1_parts(choices, scores, by),
  )
