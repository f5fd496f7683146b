"""Rank classification: the choice that a model finds most likely is its answer.

Papers differ in how they make choices of different lengths comparable: T0 and
T5 sum log-likelihoods, GPT-3 divides them by tokens, lm-evaluation-harness's
`acc_norm` by characters. All three are scored in one pass.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

# Log-likelihoods as they are, or divided by lengths.
RankBy = Literal['sum', 'token', 'character']
RANK_BY: tuple[RankBy, ...] = get_args(RankBy)


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
  choices: Sequence[Choice], scores: Sequence[float], by: RankBy = 'sum'
) -> dict[str, float]:
  """Scores the ranking of choices, in percent.

  Questions may have different numbers of choices, in any order. If several
  share the highest score, the question counts with the mean of their credits,
  and as a tie.

  Args:
    choices: of all questions, at least one.
    scores: log-likelihood of each, summed over its tokens.
    by: what choices are ranked by.

  Returns:
    'accuracy' and 'ties', by that; the accuracies by the two other ways, as
    'accuracy_by_sum', 'accuracy_per_token' and 'accuracy_per_character'; and
    'f1a' if all questions have two choices: F1 of the second, over all
    questions, as MultiRC is scored.
  """
  rankings = {one: _ranking(choices, scores, one) for one in RANK_BY}
  ranking = rankings[by]
  found = {'accuracy': ranking.accuracy}
  found |= {
    _NAMES[other]: one.accuracy
    for other, one in rankings.items()
    if other != by
  }
  found['ties'] = ranking.ties
  if ranking.f1_parts is not None:
    found['f1a'] = float(f1_of(ranking.f1_parts.sum(0)))
  return found


_NAMES = {
  'sum': 'accuracy_by_sum',
  'token': 'accuracy_per_token',
  'character': 'accuracy_per_character',
}


def rank_credits(
  choices: Sequence[Choice], scores: Sequence[float], by: RankBy = 'sum'
) -> np.ndarray:
  """Returns the credit of each question, in order of their numbers.

  >>> choices = [Choice(0, 0, 1.0, 1, 1), Choice(0, 1, 0.0, 1, 1)]
  >>> rank_credits(choices, [-2.0, -2.0]).tolist()
  [0.5]

  Args:
    choices: of all questions, at least one.
    scores: log-likelihood of each, summed over its tokens.
    by: what choices are ranked by.
  """
  return _ranking(choices, scores, by).credits


def rank_f1_parts(
  choices: Sequence[Choice], scores: Sequence[float], by: RankBy = 'sum'
) -> np.ndarray | None:
  """Returns what `f1_of` takes; None unless all questions have two choices.

  Args:
    choices: of all questions, at least one.
    scores: log-likelihood of each, summed over its tokens.
    by: what choices are ranked by.

  Returns:
    bool [questions, 2]: whether the second choice is rightly ranked first, and
    whether it is the one of what is right and what is ranked first alone.
  """
  return _ranking(choices, scores, by).f1_parts


def f1_of(sums: np.ndarray) -> np.ndarray:
  """F1 in percent of the numbers of hits and of errors; without hits 0.

  >>> f1_of(np.array([[1, 1], [0, 2]])).tolist()
  [66.66666666666667, 0.0]

  Args:
    sums: [..., 2], of what `rank_f1_parts` returns.
  """
  hits, errors = sums[..., 0], sums[..., 1]
  return 200 * hits / np.maximum(2 * hits + errors, 1)


def _ranking(
  choices: Sequence[Choice], scores: Sequence[float], by: RankBy
) -> '_Ranking':
  columns = [np.array(column) for column in zip(*choices, strict=True)]
  question, choice, credit, tokens, characters = columns
  ones = np.ones(len(tokens))
  lengths = {'sum': ones, 'token': tokens, 'character': characters}[by]
  order = np.lexsort((choice, question))
  starts = np.flatnonzero(np.diff(question[order], prepend=question.min() - 1))
  totals = np.array(scores, np.float64) / np.maximum(lengths, 1)
  return _Ranking(totals, credit, order, starts)


class _Ranking:
  """Questions ranked by a score.

  Attributes:
    credits: of what is ranked first, float [questions].
    accuracy: their mean, in percent.
    ties: the share of questions with several such, in percent.
    f1_parts: see `rank_f1_parts`.
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
    self.f1_parts: np.ndarray | None = None
    if np.all(sizes == 2):
      ordered, right = scores[order], credit[order]
      # As argmax: of a tie, the first.
      predicted = ordered[1::2] > ordered[::2]
      wanted = right[1::2] > right[::2]
      self.f1_parts = np.stack([predicted & wanted, predicted ^ wanted], 1)
