"""Prints tasks for people: a table of many, or all about one."""

from collections.abc import Iterable, Iterator, Sequence

from ul2_flan.tasks.catalog.facts import UNKNOWN, Facts, facts_of
from ul2_flan.tasks.catalog.files import languages, suites
from ul2_flan.tasks.catalog.schema import Task

_COLUMNS = (
  'task', 'examples', 'languages', 'licence', 'category', 'left out', 'source',
)  # fmt: skip

# Characters. Some categories of NIv2 are sentences, and some of its tasks have
# many languages. Names are never cut, since people copy them.
_WIDEST = {'languages': 12, 'licence': 30, 'category': 44}


def listing(tasks: Sequence[Task]) -> Iterator[str]:
  """Yields a table of tasks, a line for each, and then how many there are."""
  rows = [_COLUMNS, *(_row(task) for task in tasks)]
  rows = [tuple(map(_cut, row, _COLUMNS)) for row in rows]
  if not any(task.left_out for task in tasks):
    at = _COLUMNS.index('left out')
    rows = [row[:at] + row[at + 1 :] for row in rows]
  yield from table(rows, right=[_COLUMNS.index('examples')])
  yield ''
  noun = 'task' if len(tasks) == 1 else 'tasks'
  counted = sum(task.examples for task in tasks)
  yield f'{len(tasks):,} {noun}, ' + (
    f"{counted:,} examples by others' counts"
    if counted
    else 'whose examples are not counted'
  )


def table_of_sources(facts: Sequence[Facts]) -> Iterator[str]:
  """Yields where data are, a line for each task, and how many are known."""
  yield from table(
    [
      ('task', 'licence', 'how to get it', 'besides'),
      *(
        (
          one.task,
          one.licence,
          one.instruction,
          '; '.join(filter(None, (one.gone, one.note))),
        )
        for one in facts
      ),
    ]
  )
  yield ''
  known = sum(one.licence != UNKNOWN for one in facts)
  there = sum(one.available for one in facts)
  yield (
    f'{len(facts):,} in all: {there:,} from a repository, the hub or TFDS; '
    f'the licence of {known:,} is stated somewhere, and that of '
    f'{len(facts) - known:,} is UNKNOWN (--json says who states it)'
  )


def table(
  rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Iterator[str]:
  """Yields the lines of a table; columns in `right` are numbers."""
  rows = list(rows)
  widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
  right = set(right)
  for row in rows:
    cells = (
      f'{cell:>{w}}' if i in right else f'{cell:{w}}'
      for i, (cell, w) in enumerate(zip(row, widths, strict=True))
    )
    yield '  '.join(cells).rstrip()


def _cut(cell: str, column: str) -> str:
  """Shortens a cell to the width of its column."""
  widest = _WIDEST.get(column, len(cell))
  return cell if len(cell) <= widest else cell[: widest - 1] + '…'


def _row(task: Task) -> tuple[str, ...]:
  source = task.sources[0]
  return (
    task.name,
    f'{task.examples:,}' if task.examples else '?',
    ','.join(task.languages),
    task.licence or UNKNOWN,
    task.category,
    task.left_out,
    f'{source.kind} {source.locator}',
  )


def _told(facts: Facts) -> Iterator[str]:
  """Yields where a task's data are, and who states their licence."""
  if facts.licence_source:
    yield f'  stated by    {facts.licence_source}'
  yield f'  get it       {facts.instruction}'
  yield from (f'  but          {t}' for t in (facts.gone, facts.note) if t)


def describe(task: Task) -> Iterator[str]:
  """Yields what the catalog knows about a task, a line for each thing."""
  yield task.name
  if task.dataset:
    yield f'  data set     {task.dataset}'
  if task.category:
    # The list of what is left out has only names.
    yield f'  category     {task.category}'
  names = (languages()[code] for code in task.languages)
  yield f'  languages    {", ".join(names)}'
  yield f'  licence      {task.licence or UNKNOWN}'
  if task.suite in suites():
    yield from _told(facts_of(task))
  examples = f'{task.examples:,}' if task.examples else 'not known'
  yield f'  examples     {examples}'
  yield f'  cap          {task.cap:,}'
  if task.left_out:
    yield f'  left out     {task.left_out}'
  if task.labels:
    yield f'  labels       {", ".join(task.labels)}'
  elif task.options != 'none':
    yield '  options      each row has its own'
  for source in task.sources:
    yield f'  source       {source.kind} {source.locator}'
    for split, slice_ in source.splits.items():
      yield f'    {split:11}{slice_}'
    for field, column in source.fields.items():
      shown = column if isinstance(column, str) else ', '.join(column)
      yield f'    {field} <- {shown!r}'
    if source.prepare:
      yield f'    prepared by  {source.prepare}'
