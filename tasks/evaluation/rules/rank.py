"""Rank classification: the choice that a model finds most likely is its answer.

Papers differ in how they make choices of different lengths comparable: T0 and
T5 sum log-likelihoods, GPT-3 divides them by tokens, lm-evaluation-harness's
`acc_norm` by characters. All three are scored in one pass.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
  """One choice of a question, as its record says.

  Attributes:
    question: the question's number, the same for all its choices.
    choice: its number among them.
    credit: what a model gets that ranks it first, from 0 to 1.
    tokens: of the choice.
    characters: of the choice.
  """

  question: int
  choice: int
  credit: float
  tokens: int
  characters: int


def rank_scores(
  choices: Sequence[Choice], scores: Sequence[float]
) -> dict[str, float]:
  """Scores the ranking of choices, in percent.

  Questions may have different numbers of choices, in any order. If several
  share the highest score, the question counts with the mean of their credits,
  and as a tie.

  Args:
    choices: of all questions, at least one.
    scores: log-likelihood of each, summed over its tokens.

  Returns:
    'accuracy', by sums; 'accuracy_per_token' and 'accuracy_per_character';
    'ties', by sums; and 'f1a' if all questions have two choices: F1 of the
    second, over all questions, as MultiRC is scored.
  """
  totals = np.array(scores, np.float64)
  columns = [np.array(column) for column in zip(*choices, strict=True)]
  question, choice, credit, tokens, characters = columns
  order = np.lexsort((choice, question))
  starts = np.flatnonzero(np.diff(question[order], prepend=question.min() - 1))
  by_sum = _Ranking(totals, credit, order, starts)
  found = {
    'accuracy': by_sum.accuracy,
    'accuracy_per_token': _Ranking(
      totals / np.maximum(tokens, 1), credit, order, starts
    ).accuracy,
    'accuracy_per_character': _Ranking(
      totals / np.maximum(characters, 1), credit, order, starts
    ).accuracy,
    'ties': by_sum.ties,
  }
  if np.all(np.diff(starts, append=len(order)) == 2):
    found['f1a'] = _f1(totals[order], credit[order])
  return found


def rank_credits(
  choices: Sequence[Choice], scores: Sequence[float]
) -> np.ndarray:
  """Returns the credit of each question by sums, in order of their numbers.

  >>> choices = [Choice(0, 0, 1.0, 1, 1), Choice(0, 1, 0.0, 1, 1)]
  >>> rank_credits(choices, [-2.0, -2.0]).tolist()
  [0.5]

  Args:
    choices: of all questions, at least one.
    scores: log-likelihood of each, summed over its tokens.
  """
  order = sorted(range(len(choices)), key=lambda i: choices[i][:2])
  question, _, credit, *_ = map(np.array, zip(*choices, strict=True))
  at = np.array(order)
  starts = np.flatnonzero(np.diff(question[at], prepend=question.min() - 1))
  return _Ranking(np.array(scores, np.float64), credit, at, starts).credits


class _Ranking:
  """Questions ranked by a score.

  Attributes:
    credits: of what is ranked first, float [questions].
    accuracy: their mean, in percent.
    ties: the share of questions with several such, in percent.
  """

  def __init__(
    self,
    scores: np.ndarray,
    credit: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
  ):
    sizes = np.diff(starts, append=len(order))
    best = np.repeat(np.maximum.reduceat(scores[order], starts), sizes)
    is_best = scores[order] == best
    firsts = np.add.reduceat(is_best.astype(int), starts)
    credits = np.add.reduceat(np.where(is_best, credit[order], 0.0), starts)
    self.credits = credits / firsts
    self.accuracy = float(100 * self.credits.mean())
    self.ties = float(100 * (firsts > 1).mean())


def _f1(scores: np.ndarray, credit: np.ndarray) -> float:
  """F1 of the second of two choices, in percent; both in order."""
  # As argmax: of a tie, the first.
  predicted = scores[1::2] > scores[::2]
  right = credit[1::2] > credit[::2]
  both = float((predicted & right).sum())
  return 200 * both / max(1, int(predicted.sum()) + int(right.sum()))
