"""How far the share of votes tells whether an answer is right."""

from collections.abc import Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.evaluation.report.task_score import TaskScore

# Of equal width, from 0 to 1.
_BINS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Calibration:
  """Prompts by the share of samples that vote for their answer, in percent.

  Attributes:
    error: how far accuracy and share of votes are apart, on average over
      prompts; 0 for a model whose votes are probabilities.
    bins: for each fifth of shares that has prompts, the mean 'share', the
      'accuracy', and how many prompts it has, 'n'.
  """

  error: float
  bins: tuple[dict[str, float], ...]


def calibration(scores: Sequence[TaskScore]) -> Calibration | None:
  """Compares votes and right answers of all prompts of some tasks.

  Returns:
    None if no task has several samples of each prompt.
  """
  voted = [score for score in scores if score.samples > 1]
  if not voted:
    return None
  shares = 100 * np.concatenate([score.vote_shares for score in voted])
  right = 100.0 * np.concatenate([score.right for score in voted])
  # A share of 20 is of the second fifth, and one of 100 of the last.
  fifth = np.minimum(shares * _BINS // 100, _BINS - 1)
  inside = [fifth == i for i in range(_BINS) if (fifth == i).any()]
  bins = tuple(
    {
      'share': float(shares[one].mean()),
      'accuracy': float(right[one].mean()),
      'n': int(one.sum()),
    }
    for one in inside
  )
  error = sum(b['n'] * abs(b['share'] - b['accuracy']) for b in bins)
  return Calibration(error / len(shares), bins)
