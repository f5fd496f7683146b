"""Scores of several models against the compute that each was trained with.

An ability is called emergent that small models do not have, and large ones do
(Wei et al., arXiv 2206.07682): scores stay where guesses are, and then leave.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import math
from statistics import fmean

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.intervals import Interval, of_scores
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.suite_score import score_suites


@dataclasses.dataclass(frozen=True, slots=True)
class Curve:
  """The scores of a suite.

  Attributes:
    suite: the suite's name.
    variant: 'direct' or 'cot'.
    tasks: how many tasks all models have; means are over these.
    random: what guesses score, in percent.
    points: compute, rising, and the mean with its interval.
  """

  suite: str
  variant: str
  tasks: int
  random: float
  points: tuple[tuple[float, Interval], ...]

  @property
  def emerges_at(self) -> float | None:
    """The least compute from which on all models are above guesses.

    None if there is none, or if the smallest model is above them already.
    """
    above = [interval.low > self.random for _, interval in self.points]
    if not above[-1] or all(above):
      return None
    last = max(i for i, is_above in enumerate(above) if not is_above)
    return self.points[last + 1][0]

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    return dataclasses.asdict(self) | {
      'points': [
        {'compute': compute, **interval._asdict()}
        for compute, interval in self.points
      ],
      'emerges_at': self.emerges_at,
    }


def parse(given: Sequence[str]) -> dict[float, list[str]]:
  """Reads the values of `--sizes`: files by compute.

  >>> parse(['1e20=a', '3e22=b', '1e20=c'])
  {1e+20: ['a', 'c'], 3e+22: ['b']}

  Raises:
    UserError: one is not a number and a path, or there are no two models.
  """
  found: dict[float, list[str]] = {}
  for text in given:
    number, _, path = text.partition('=')
    try:
      compute = float(number)
    except ValueError:
      compute = math.nan
    if not (0 < compute < math.inf and path):
      raise UserError(
        f"--sizes '{text}': give the FLOPs of a model's training and its "
        'answers, such as 1e21=ANSWERS'
      )
    found.setdefault(compute, []).append(path)
  if given and len(found) < 2:
    raise UserError(
      f'--sizes {" ".join(given)}: give two models or more, of different FLOPs'
    )
  return found


def curves(models: Mapping[float, Iterable[Prediction]]) -> list[Curve]:
  """Scores models on the tasks that all of them have.

  Args:
    models: what each has said, by its compute.

  Raises:
    UserError: they have no task in common.
  """
  said = {compute: [*models[compute]] for compute in sorted(models)}
  tasks = [{(p.task.name, p.variant) for p in some} for some in said.values()]
  shared = set.intersection(*tasks)
  found: dict[tuple[str, str], list[tuple[float, Interval]]] = {}
  facts: dict[tuple[str, str], tuple[int, float]] = {}
  for compute, some in said.items():
    kept = [p for p in some if (p.task.name, p.variant) in shared]
    for score in score_suites(kept):
      if not score.counted:
        continue
      key = score.suite.name, score.variant
      interval = of_scores([score], normalised=False)
      found.setdefault(key, []).append((compute, interval))
      random = fmean(one.task.random for one in score.counted)
      facts[key] = len(score.counted), random
  if not found:
    raise UserError('--sizes: the models have no task in common')
  return [
    Curve(*key, *facts[key], tuple(points)) for key, points in found.items()
  ]


def lines(found: Iterable[Curve]) -> Iterator[str]:
  """Tells people of curves."""
  for curve in found:
    yield ''
    yield f'{curve.suite} {curve.variant}, the same {curve.tasks} tasks'
    rows = [
      (f'{compute:.3g}', *(f'{value:.2f}' for value in interval))
      for compute, interval in curve.points
    ]
    header = ('training FLOPs', 'mean', 'from', 'to')
    guesses = ('guesses', f'{curve.random:.2f}', '', '')
    yield from table([header, guesses, *rows], right=range(1, 4))
    if at := curve.emerges_at:
      yield f'above guesses from {at:.3g} FLOPs on, and not below: it emerges'
