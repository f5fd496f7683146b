"""Prints scores for people."""

from collections.abc import Iterator
from statistics import fmean

from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.evaluation.report.average import published_tasks
from ul2_flan.tasks.evaluation.report.calibration import calibration
from ul2_flan.tasks.evaluation.report.suite_score import SuiteScore
from ul2_flan.tasks.evaluation.report.task_score import TaskScore
from ul2_flan.tasks.evaluation.suites import trained_on

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
_RANKS = (
  'accuracy_by_sum',
  'accuracy_per_token',
  'accuracy_per_character',
  'ties',
  'f1a',
)

_RANKED_BY = {
  'sum': 'sum of log-likelihoods',
  'token': 'log-likelihood per token',
  'character': 'log-likelihood per character',
}


def of_suite(score: SuiteScore) -> Iterator[str]:
  """Yields the table of a suite's tasks, and its means below."""
  yield f'{score.suite.name}, {score.variant}'
  yield ''
  scores = list(score.tasks.values())
  more = _more_columns(scores)
  rows = [(*_COLUMNS, *more), *(_row(one, more) for one in scores)]
  yield from table(rows, right=range(1, len(rows[0])))
  yield ''
  for by in sorted({one.rank_by for one in scores if one.ranks}):
    yield f'choices are ranked by the {_RANKED_BY[by]}'
  if by_f1 := [one.task.key for one in scores if one.f1_parts is not None]:
    yield f'in means F1 counts, and not accuracy, of {", ".join(by_f1)}'
  yield from _means(score)


def beside_u_palm(score: SuiteScore) -> Iterator[str]:
  """Yields a suite's tasks beside those of U-PaLM's paper, if it has them."""
  rows = published_tasks(score.suite.name)
  if not rows:
    return
  ours = score.families
  there = [key for key in rows if key in ours]
  seen = seen_by_flan(score)
  header = ['', 'these predictions', 'PaLM 540B', 'U-PaLM 540B']
  cells = [
    [
      key,
      *(f'{x:.1f}' for x in (ours[key], *rows[key])),
      *([f'by {seen[key]} of its tasks' * (seen[key] > 0)] if seen else ()),
    ]
    for key in there
  ]
  columns = zip(*((ours[key], *rows[key]) for key in there), strict=True)
  means = ['mean of rows', *(f'{fmean(column):.1f}' for column in columns)]
  if seen:
    header.append('trained on by Flan')
    means.append('')
  yield ''
  yield from table([header, *cells, means], right=range(1, 4))


def seen_by_flan(score: SuiteScore) -> dict[str, int]:
  """Counts the tasks of Flan that have the data set of each benchmark."""
  return {
    one.task.key: len([*trained_on(one.task)])
    for one in score.tasks.values()
    if one.task.form
  }


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
