"""The score of one task."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from statistics import fmean

import numpy as np

from ul2_flan.tasks.evaluation.report.free_form import is_endless
from ul2_flan.tasks.evaluation.report.judging import Judged, judge
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.ranking import score_ranks
from ul2_flan.tasks.evaluation.rules.rank import RankBy, f1_of
from ul2_flan.tasks.evaluation.rules.votes import expected_accuracy
from ul2_flan.tasks.evaluation.suites import SuiteTask, Variant

# Samples for which a curve of self-consistency has a point.
_SIZES = (1, 5, 10, 40)


def normalised(raw: float, random: float) -> float:
  """Sets random guesses to 0 and leaves 100 (arXiv 2210.11416, section 2.3).

  >>> normalised(55, 50), normalised(45, 50)
  (10.0, -10.0)

  Args:
    raw: a score in percent.
    random: what guesses score, in percent.
  """
  return 100 * (raw - random) / (100 - random)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class TaskScore:
  """The score of one task; all shares are in percent.

  Attributes:
    task: the task.
    ids: of its prompts.
    right: bool [prompts]; or where choices are ranked float, the credit of
      what is ranked first.
    found: the share of samples by how their answer was found.
    endless: the share of samples that repeat their end and so never ended.
    truncated: the share of samples that were stopped, as their lines say.
    f1: the mean overlap with the best reference; None where there is none.
    second: the accuracy by the variant's second rule; None without one.
    by_samples: the expected accuracy of fewer samples, by their number; empty
      if there is one sample of each prompt.
    samples: the fewest that a prompt has.
    vote_shares: float [prompts], from 0 to 1: how many of the samples vote for
      the answer.
    ranks: what `rank_scores` returns, where choices are ranked.
    rank_by: what they are ranked by.
    f1_parts: bool [prompts, 2], what `rank_f1_parts` returns, of tasks whose
      metric is 'f1a'.
  """

  task: SuiteTask
  ids: tuple[str, ...]
  right: np.ndarray
  found: Mapping[str, float]
  endless: float
  truncated: float
  f1: float | None
  second: float | None
  by_samples: Mapping[int, float]
  samples: int
  vote_shares: np.ndarray
  ranks: Mapping[str, float] = dataclasses.field(default_factory=dict)
  rank_by: RankBy = 'sum'
  f1_parts: np.ndarray | None = None

  @property
  def accuracy(self) -> float:
    """The share of prompts with the right answer."""
    return float(100 * self.right.sum() / len(self.right))

  @property
  def score(self) -> float:
    """What counts in means: the accuracy, or F1 if that is its metric."""
    if self.f1_parts is None:
      return self.accuracy
    return float(f1_of(self.f1_parts.sum(0)))

  @property
  def normalised(self) -> float:
    """The score above that of guesses; see `normalised`."""
    return normalised(self.score, self.task.random)

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    facts: dict[str, object] = {
      'n': len(self.right),
      'accuracy': self.accuracy,
      'random': self.task.random,
      'normalised': self.normalised,
      'category': self.task.category,
      'unparsed': self.found.get('none', 0.0),
      'fallback': self.found.get('fallback', 0.0),
      'endless': self.endless,
      'truncated': self.truncated,
    }
    facts |= {name: n for name, n in self.ranks.items() if name != 'accuracy'}
    if self.ranks:
      facts |= {'score': self.score, 'rank_by': self.rank_by}
    if self.f1 is not None:
      facts |= {'exact_match': self.accuracy, 'f1': self.f1}
    if self.second is not None:
      facts['accuracy_by_language'] = self.second
    if self.samples > 1:
      facts['samples'] = self.samples
      facts['vote_share'] = float(100 * self.vote_shares.mean())
      facts['self_consistency'] = {
        str(size): value for size, value in self.by_samples.items()
      }
    return facts


def score_task(
  variant: Variant, predictions: Sequence[Prediction]
) -> TaskScore:
  """Scores the predictions of one task, of which there is at least one."""
  task = predictions[0].task
  if task.ranked:
    return _score_ranked(predictions)
  judged = [
    judge(variant, p.targets, p.samples, task.language, p.likelihoods)
    for p in predictions
  ]
  hows = Counter(how for one in judged for how in one.hows)
  overlaps = [one.f1 for one in judged if one.f1 is not None]
  return TaskScore(
    task,
    tuple([p.id for p in predictions]),
    np.array([one.right for one in judged]),
    {how: 100 * n / hows.total() for how, n in hows.items()},
    100 * fmean(is_endless(text) for p in predictions for text in p.samples),
    100 * sum(p.cut for p in predictions) / hows.total(),
    100 * sum(overlaps) / len(overlaps) if overlaps else None,
    _second(variant, predictions),
    _curve(judged),
    min(len(one.votes) for one in judged),
    np.array([one.share for one in judged]),
  )


def _score_ranked(predictions: Sequence[Prediction]) -> TaskScore:
  task, by = predictions[0].task, predictions[0].rank_by
  ranked = score_ranks([p.choices for p in predictions], by)
  return TaskScore(
    task,
    tuple([p.id for p in predictions]),
    ranked.credits,
    found={},
    endless=0.0,
    truncated=0.0,
    f1=None,
    second=None,
    by_samples={},
    samples=1,
    vote_shares=np.ones(len(predictions)),
    ranks=ranked.facts,
    rank_by=by,
    f1_parts=ranked.f1_parts if task.metric == 'f1a' else None,
  )


def _second(
  variant: Variant, predictions: Sequence[Prediction]
) -> float | None:
  """The accuracy by the variant's second rule, in percent."""
  if not variant.second_rule:
    return None
  other = dataclasses.replace(variant, rule=variant.second_rule)
  return 100 * fmean(
    judge(other, p.targets, p.samples, p.task.language, p.likelihoods).right
    for p in predictions
  )


def _curve(judged: Iterable[Judged]) -> dict[int, float]:
  """The accuracy that is expected of some of the samples, in percent."""
  judged = list(judged)
  fewest = min(len(one.votes) for one in judged)
  if fewest == 1:
    return {}
  sizes = sorted({*[size for size in _SIZES if size < fewest], fewest})
  return {
    size: 100
    * sum(expected_accuracy(one.votes, one.rights, size) for one in judged)
    / len(judged)
    for size in sizes
  }
