"""Real rows of Flan 2021, CoT and NIv2, as we and FLAN read them."""

from collections.abc import Iterator
import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

from support.flan.glue_rows import read_text
from support.flan.rows import rows_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.flan_import.patterns import patterns

# The rows of a task that are looked at; a task of NIv2 has fewer patterns.
COUNT = 12
NIV2_COUNT = 6


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
  """Rows of one task of FLAN's.

  Attributes:
    name: FLAN's, or that of NIv2's task.
    tasks: ours: three for an inverted task of CoT.
    source: that ours have the rows from.
    ours: the rows, as our reader gives them.
    theirs: the same rows, as FLAN's sources do.
  """

  name: str
  tasks: tuple[Task, ...]
  source: Source
  ours: list[Any]
  theirs: list[Any]


def samples(data: Path) -> Iterator[Sample]:
  """Yields the rows of all tasks that shared data has rows of."""
  for name, rows in rows_of(data).items():
    task = catalog.load(f'flan2021:{name}')
    sources = {source.kind: source for source in task.sources}
    source = sources.get('tfds', task.sources[0])
    yield Sample(name, (task,), source, rows, rows)
  yield from _cot(data / 'cot')
  yield from _niv2(data / 'niv2/tasks')


def _read(task: Task, folder: Path, count: int) -> list[Any] | None:
  located = locate(task, Index.of([str(folder)]), ReadOptions())
  if not located:
    return None
  source = task.sources[located.source]
  blocks = read(located.splits['train'][0], task, source, ReadOptions())
  return list(next(blocks).rows[:count])


def _cot(folder: Path) -> Iterator[Sample]:
  for name, pattern in patterns().items():
    if not name.startswith(('cot_', 'stream_')):
      continue
    tasks = tuple(map(catalog.load, pattern.to))
    file = folder / tasks[0].sources[0].locator
    file = file if file.exists() else file.with_suffix('.tsv.gz')
    if file.exists():
      lines = read_text(file).splitlines()[:COUNT]
      ours = _read(tasks[0], folder, COUNT)
      assert ours
      yield Sample(name, tasks, tasks[0].sources[0], ours, lines)


def _niv2(folder: Path) -> Iterator[Sample]:
  known = {task.name: task for task in catalog.tasks(suite='niv2')}
  for file in sorted(folder.glob('*.json')):
    task = known.get(f'niv2:{file.stem}')
    if task is None:
      continue
    given = json.loads(file.read_bytes())
    theirs = [
      {
        'input': row['input'],
        # A few files have a text in the place of a list.
        'output': row['output']
        if isinstance(row['output'], str)
        else row['output'][0],
        'definition': given['Definition'][0],
      }
      for row in itertools.islice(given['Instances'], NIV2_COUNT)
    ]
    ours = _read(task, folder, NIV2_COUNT)
    assert ours
    yield Sample(task.name, (task,), task.sources[0], ours, theirs)
