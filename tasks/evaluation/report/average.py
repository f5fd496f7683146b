"""The normalised average of Flan's paper, and the paper's own rows."""

from collections.abc import Iterable, Mapping
import dataclasses
import functools
from statistics import fmean

from ul2_flan.tasks import shipped
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import normalised
from ul2_flan.tasks.evaluation.suites import load

# A suite and a variant; all six count alike (arXiv 2210.11416, section 2.3).
PARTS = (
  ('mmlu', 'direct'),
  ('mmlu', 'cot'),
  ('bbh', 'direct'),
  ('bbh', 'cot'),
  ('tydiqa', 'direct'),
  ('mgsm', 'cot'),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Published:
  """A row of the paper's Table 5, in percent.

  Attributes:
    model: as the paper calls it.
    normalised: the normalised average, as printed.
    parts: the mean of each of `PARTS`, as printed.
  """

  model: str
  normalised: float
  parts: tuple[float, ...]

  @property
  def from_parts(self) -> float:
    """The normalised average that the printed means give.

    The paper normalises each sub-task, and prints none. Here all of a suite
    have the suite's mean baseline, which for BBH is up to 0.9 off.
    """
    return fmean(
      normalised(mean, load(suite).random)
      for (suite, _), mean in zip(PARTS, self.parts, strict=True)
    )


@functools.cache
def published() -> tuple[Published, ...]:
  """Reads the rows of the paper, in its order."""
  table = shipped.table('evaluation/report/published.toml')
  return tuple(
    Published(row['model'], row['normalised'], tuple(row['parts']))
    for row in table['rows']
  )


@functools.cache
def published_tasks(suite: str) -> Mapping[str, tuple[float, float]]:
  """Reads the scores of PaLM 540B and U-PaLM 540B, by task of the paper.

  >>> published_tasks('bbes')['navigate'], published_tasks('bbh')
  ((55.3, 67.0), {})
  """
  rows = shipped.table('evaluation/report/published.toml').get(suite, {})
  return {key: (before, after) for key, (before, after) in rows.items()}


def by_part(scores: Iterable[SuiteScore]) -> dict[tuple[str, str], SuiteScore]:
  """Finds the scores of `PARTS` among others."""
  found = {(score.suite.name, score.variant): score for score in scores}
  return {part: found[part] for part in PARTS if part in found}


def normalised_average(
  parts: Mapping[tuple[str, str], SuiteScore],
) -> float | None:
  """The mean of the normalised scores; None unless all six parts are there."""
  values = [score.normalised for score in parts.values()]
  there = [value for value in values if value is not None]
  return fmean(there) if len(there) == len(PARTS) else None
