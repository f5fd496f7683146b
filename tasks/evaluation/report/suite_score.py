"""The scores of a suite in one variant: means over its tasks."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from statistics import fmean

from ul2_flan.tasks.evaluation.report.calibration import calibration
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.task_score import TaskScore, score_task
from ul2_flan.tasks.evaluation.suites import Suite, load


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class SuiteScore:
  """The scores of a suite in one variant, in percent.

  Attributes:
    suite: the suite.
    variant: 'direct' or 'cot'.
    tasks: scores by the full names of tasks, in the suite's order.
  """

  suite: Suite
  variant: str
  tasks: Mapping[str, TaskScore]

  @property
  def counted(self) -> list[TaskScore]:
    """The tasks of the mean: languages that stand apart are not of it."""
    return [score for score in self.tasks.values() if score.task.category]

  @property
  def missing(self) -> list[str]:
    """Tasks of the mean that nothing was predicted for."""
    return [
      task.name
      for task in self.suite.tasks.values()
      if task.category and task.name not in self.tasks
    ]

  @property
  def mean(self) -> float | None:
    """The unweighted mean over tasks, as in Flan's papers; None without any."""
    return _mean(score.score for score in self.counted)

  @property
  def normalised(self) -> float | None:
    """The mean of what each task scores above guesses."""
    return _mean(score.normalised for score in self.counted)

  @property
  def pooled(self) -> float | None:
    """The share of right answers, whatever task they are of."""
    right = [score.right for score in self.counted]
    questions = sum(map(len, right))
    return (
      100 * sum(float(r.sum()) for r in right) / questions if right else None
    )

  @property
  def families(self) -> dict[str, float]:
    """Means over the sub-tasks of each task of the paper."""
    return _means_by(self.counted, 'family')

  @property
  def categories(self) -> dict[str, float]:
    """Means over the tasks of each category."""
    return _means_by(self.counted, 'category')

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    families = self.families
    facts: dict[str, object] = {
      'suite': self.suite.name,
      'variant': self.variant,
      'tasks': {name: score.facts() for name, score in self.tasks.items()},
      'mean': self.mean,
      'mean_of': len(self.counted),
      'normalised': self.normalised,
      'pooled': self.pooled,
      'categories': self.categories,
      'missing': self.missing,
    }
    if found := calibration(self.counted):
      facts['calibration'] = dataclasses.asdict(found)
    if len(families) < len(self.counted):
      facts['family_mean'] = _mean(families.values())
      facts['family_mean_of'] = len(families)
    return facts


def score_suites(predictions: Iterable[Prediction]) -> list[SuiteScore]:
  """Scores all predictions, by suite and variant."""
  found: dict[tuple[str, str], dict[str, list[Prediction]]] = {}
  for one in predictions:
    by_task = found.setdefault((one.task.suite, one.variant), {})
    by_task.setdefault(one.task.name, []).append(one)
  return [
    _score_suite(load(suite), variant, by_task)
    for (suite, variant), by_task in found.items()
  ]


def _score_suite(
  suite: Suite, variant: str, by_task: Mapping[str, Sequence[Prediction]]
) -> SuiteScore:
  names = (task.name for task in suite.tasks.values())
  how = suite.variant(variant)
  return SuiteScore(
    suite,
    variant,
    {name: score_task(how, by_task[name]) for name in names if name in by_task},
  )


def _mean(values: Iterable[float]) -> float | None:
  values = list(values)
  return fmean(values) if values else None


def _means_by(scores: Iterable[TaskScore], field: str) -> dict[str, float]:
  by_key: dict[str, list[float]] = {}
  for score in scores:
    by_key.setdefault(getattr(score.task, field), []).append(score.score)
  return {key: fmean(values) for key, values in by_key.items()}
