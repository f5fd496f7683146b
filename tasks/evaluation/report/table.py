"""Prints scores for people."""

from collections.abc import Iterator
from statistics import fmean

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.evaluation.report.average import published_tasks
from ul2_flan.tasks.evaluation.report.calibration import calibration
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import TaskScore

_COLUMNS = (
  'task',
  'n',
  'accuracy',
  'random',
  'normalised',
  'unparsed',
  'endless',
  'truncated',
)

# Of tasks whose choices are ranked.
_RANKS = ('accuracy_per_token', 'accuracy_per_character', 'ties', 'f1a')


def of_suite(score: SuiteScore) -> Iterator[str]:
  """Yields the table of a suite's tasks, and its means below."""
  yield f'{score.suite.name}, {score.variant}'
  yield ''
  scores = list(score.tasks.values())
  more = _more_columns(scores)
  rows = [(*_COLUMNS, *more), *(_row(one, more) for one in scores)]
  yield from table(rows, right=range(1, len(rows[0])))
  yield ''
  yield from _means(score)


def beside_u_palm(score: SuiteScore) -> Iterator[str]:
  """Yields a suite's tasks beside those of U-PaLM's paper, if it has them."""
  rows = published_tasks(score.suite.name)
  if not rows:
    return
  ours = score.families
  there = [key for key in rows if key in ours]
  cells = [
    (key, *(f'{x:.1f}' for x in (ours[key], *rows[key]))) for key in there
  ]
  columns = zip(*((ours[key], *rows[key]) for key in there), strict=True)
  yield ''
  yield from table(
    [
      ('', 'these predictions', 'PaLM 540B', 'U-PaLM 540B'),
      *cells,
      ('mean of rows', *(f'{fmean(column):.1f}' for column in columns)),
    ],
    right=range(1, 4),
  )


def _more_columns(scores: list[TaskScore]) -> list[str]:
  columns = ['f1'] if any(one.f1 is not None for one in scores) else []
  columns += [name for name in _RANKS if any(name in o.ranks for o in scores)]
  sizes = {size for one in scores for size in one.by_samples}
  return columns + [f'of {size}' for size in sorted(sizes)]


def _row(score: TaskScore, more: list[str]) -> tuple[str, ...]:
  values = {f'of {n}': value for n, value in score.by_samples.items()}
  if score.f1 is not None:
    values['f1'] = score.f1
  values |= score.ranks
  return (
    score.task.name + ('' if score.task.category else ' (apart)'),
    f'{len(score.right):,}',
    f'{score.accuracy:.2f}',
    f'{score.task.random:.2f}',
    f'{score.normalised:.2f}',
    f'{score.found.get("none", 0.0):.1f}%',
    f'{score.endless:.1f}%',
    f'{score.truncated:.1f}%',
    *(f'{values[name]:.2f}' if name in values else '' for name in more),
  )


def _calibration(score: SuiteScore) -> Iterator[str]:
  """Yields a line that says how far votes can be trusted."""
  if found := calibration(score.counted):
    shares = ', '.join(
      f'{one["share"]:.0f}% {one["accuracy"]:.0f} ({one["n"]:,})'
      for one in found.bins
    )
    yield (
      f'accuracy by the share of votes (prompts): {shares}; '
      f'{found.error:.1f} apart on average'
    )


def _means(score: SuiteScore) -> Iterator[str]:
  """Yields a line for each mean, which says what it is of."""
  if score.mean is None or score.normalised is None:
    yield 'no task of the mean was scored'
    return
  count = len(score.counted)
  noun = 'task' if count == 1 else 'tasks'
  yield f'mean of {count} {noun}: {score.mean:.2f}, normalised ' + (
    f'{score.normalised:.2f}; pooled {score.pooled:.2f}'
  )
  for category, mean in score.categories.items():
    yield f'  {category}: {mean:.2f}'
  families = score.families
  if len(families) < count:
    mean = sum(families.values()) / len(families)
    yield f'mean of {len(families)} tasks with their sub-tasks: {mean:.2f}'
  yield from _calibration(score)
  if score.missing:
    yield f'missing from the mean: {", ".join(score.missing)}'
