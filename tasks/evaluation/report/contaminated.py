"""Scores of items that a model has trained on, beside those of the others.

`ul2-flan contamination` has told which items are touched. An item that it could
not judge, since its texts are short, is with neither.
"""

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
import posixpath

import orjson

from ul2_flan.tasks import buckets
from ul2_flan.tasks import manifest as manifests
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.intervals import Interval, of_scores
from ul2_flan.tasks.evaluation.report.predictions import Prediction
from ul2_flan.tasks.evaluation.report.suite_score import score_suites

TOUCHED, CLEAN, NOT_JUDGED = 'touched', 'clean', 'not judged'
# Clean items of the tasks that have touched ones too: of the same difficulty.
BESIDE = 'clean, of the same tasks'


@dataclasses.dataclass(frozen=True, slots=True)
class Half:
  """The score of some items of a suite.

  Attributes:
    suite: the suite's name.
    variant: 'direct' or 'cot'.
    which: what the items have in common, one of the names above.
    items: how many there are.
    tasks: how many tasks they are of.
    mean: over these tasks; None if no task counts.
  """

  suite: str
  variant: str
  which: str
  items: int
  tasks: int
  mean: Interval | None

  def facts(self) -> dict[str, object]:
    """Returns what `--json` prints."""
    return dataclasses.asdict(self) | {
      'mean': self.mean and self.mean._asdict()
    }


def read_items(report: str) -> dict[tuple[str, str], str]:
  """Reads which items are touched.

  Args:
    report: the output folder of a run of `contamination`, or its manifest.

  Returns:
    `TOUCHED`, `CLEAN` or `NOT_JUDGED` by the full name of a task and an id.

  Raises:
    UserError: there is no manifest, or that of another run.
  """
  path = manifests.path_of(report)
  try:
    manifest = manifests.parse(buckets.read_anywhere(path), path)
    if manifest.run['job'] != 'contamination':
      raise UserError(
        f'--contamination {report} is of a run of {manifest.run["job"]}: give '
        'the output of one of contamination'
      )
    splits = manifest.data_sets[f'{manifest.name}:items'].values()
    shards = [shard.path for split in splits for shard in split.shards]
    folder = posixpath.dirname(path)
    data = b''.join(
      buckets.read_anywhere(posixpath.join(folder, shard)) for shard in shards
    )
  except OSError as e:
    raise UserError(
      f'--contamination {report}: {e}. Give the output of a finished run'
    ) from e
  return {
    (line['task'], line['id']): TOUCHED
    if line['touched']
    else CLEAN
    if line['judged']
    else NOT_JUDGED
    for line in map(orjson.loads, data.splitlines())
  }


def halves(
  predictions: Iterable[Prediction], items: Mapping[tuple[str, str], str]
) -> list[Half]:
  """Scores what a model said to touched items, and to others.

  Raises:
    UserError: no prediction is of an item of the report.
  """
  found: dict[tuple[str, str, str], list[Prediction]] = {}
  for one in predictions:
    which = items.get((one.task.name, one.id), NOT_JUDGED)
    found.setdefault((one.task.suite, one.variant, which), []).append(one)
  if all(which == NOT_JUDGED for *_, which in found):
    raise UserError(
      'no prediction has the id of an item that the report of --contamination '
      'judges. Make that of the run whose prompts were answered'
    )
  for (suite, variant, which), some in [*found.items()]:
    if which == TOUCHED:
      tasks = {one.task.name for one in some}
      clean = found.get((suite, variant, CLEAN), [])
      beside = [one for one in clean if one.task.name in tasks]
      if beside:
        found[suite, variant, BESIDE] = beside
  order = (CLEAN, TOUCHED, BESIDE, NOT_JUDGED)
  keys = sorted(found, key=lambda key: (*key[:2], order.index(key[2])))
  return [_half(*key, found[key]) for key in keys]


def _half(suite: str, variant: str, which: str, some: list[Prediction]) -> Half:
  (score,) = score_suites(some)
  mean = of_scores([score], normalised=False) if score.counted else None
  return Half(suite, variant, which, len(some), len(score.counted), mean)


def lines(made: Iterable[Half]) -> Iterator[str]:
  """Tells people of halves."""
  for half in made:
    mean = 'no mean'
    if half.mean:
      mean = (
        f'mean {half.mean.value:.2f}, between {half.mean.low:.2f} and '
        f'{half.mean.high:.2f}'
      )
    items = '1 item' if half.items == 1 else f'{half.items:,} items'
    tasks = '1 task' if half.tasks == 1 else f'{half.tasks} tasks'
    yield (
      f'{half.suite} {half.variant}, {half.which}: {items} of {tasks}: {mean}'
    )
