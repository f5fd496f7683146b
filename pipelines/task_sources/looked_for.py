"""Says which names were looked for in vain, and what is there that is near."""

from collections.abc import Iterable, Iterator, Sequence
import re

from ul2_flan.pipelines.task_sources.finders import exports
from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.pipelines.task_sources.finders.split_slices import parse
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import nearest

# Names of a folder's files that are shown.
_SHOWN = 3


def looked_for(task: Task, roots: Sequence[str]) -> str:
  """Says which names of a task's files were looked for, and where."""
  names = dict.fromkeys(n for source in task.sources for n in _names(source))
  return f'looked for {" or ".join(names)} below {", ".join(roots)}'


def near(task: Task, index: Index) -> str:
  """Says what is there that is near to what a task needs; '' for nothing.

  It compares with all names, which takes too long for thousands of tasks.
  """
  for source in task.sources:
    if source.kind in ('export', 'rows', 'p3'):
      for folder in exports.folders(source, exports.names_of(source), index):
        if inside := [file.name for file in index.inside(folder)]:
          more = ', …' if len(inside) > _SHOWN else ''
          return f'{folder} has {", ".join(inside[:_SHOWN])}{more}'
  known = {_gist(file.path): file.path for file in index.files()}
  known |= {_gist(folder): folder for folder in index.all_folders()}
  known.pop('', None)
  wanted = {_gist(name) for source in task.sources for name in _whole(source)}
  found = (nearest(gist, known) for gist in sorted(wanted - {''}))
  return next(filter(None, found), '')


def _names(source: Source) -> Iterator[str]:
  """Yields the names that a source's training split may have."""
  split = parse(source.splits.get('train', 'train'))[0]
  if source.kind in ('export', 'rows', 'p3'):
    for name in exports.names_of(source):
      yield f'{name}/{split}*.parquet (.arrow, .jsonl, .csv, .tsv)'
  elif source.kind == 'tfds':
    yield f"TFDS's {source.locator.replace(':', '/')}"
  else:
    yield source.locator.replace('{split}', split)


def _whole(source: Source) -> Iterable[str]:
  """Returns the names of files or folders, to be compared."""
  return [source.locator.partition(':')[0], *exports.names_of(source)]


def _gist(path: str) -> str:
  """Returns what tells a name from others: no ending, and no split.

  >>> _gist('cot_data/gsm8k_train.tsv'), _gist('CoLA/{split}.tsv')
  ('gsm8k', 'cola')
  """
  for name in reversed(path.split('/')):
    stem = re.sub(r'\.[a-z]+$', '', name)
    if gist := re.sub(r'(\{split\}|train|dev|test|[\W_])+', '', stem):
      return gist.lower()
  return ''
