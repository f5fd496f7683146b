"""Lists of tasks, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ul2_flan.tasks.catalog.files import languages
from ul2_flan.tasks.catalog.schema import Task

_COLUMNS = ('task', 'examples', 'languages', 'category', 'source', 'licence')

# Categories of NIv2 can be long sentences.
_WIDEST = 44


def listing(tasks: Sequence[Task]) -> Iterator[str]:
  """Lines of a table of tasks, and then how many there are."""
  rows = [_COLUMNS, *(_row(task) for task in tasks)]
  columns = zip(*rows, strict=True)
  widths = [min(_WIDEST, max(map(len, column))) for column in columns]
  for row in rows:
    cells = (f'{cell:{w}}' for cell, w in zip(row, widths, strict=True))
    yield '  '.join(cells).rstrip()
  yield ''
  examples = sum(task.examples for task in tasks)
  yield f'{len(tasks):,} tasks, {examples:,} examples where they were counted'


def _row(task: Task) -> tuple[str, ...]:
  source = task.sources[0]
  return (
    task.name,
    f'{task.examples:,}' if task.examples else '?',
    ','.join(task.languages),
    task.category,
    f'{source.kind} {source.locator}',
    task.licence or '?',
  )


def describe(task: Task) -> Iterator[str]:
  """What the catalog knows about a task, a line for each thing."""
  yield task.name
  yield f'  category     {task.category}'
  names = (languages()[code] for code in task.languages)
  yield f'  languages    {", ".join(names)}'
  yield f'  licence      {task.licence or "not known"}'
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
