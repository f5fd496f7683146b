"""Lists the hub's repositories of tasks, for who names none: `hf://` alone."""

from collections.abc import Iterable, Iterator, Sequence

from ul2_flan.pipelines.storage import each, folders
from ul2_flan.pipelines.task_sources.finders.exports import ORGANISATIONS
from ul2_flan.tasks.buckets.hub_path import CONVERTED
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError

BARE = 'hf://'

# Frozen dumps that are on the hub as they were first published.
DUMPS = tuple(
  f'hf://datasets/DataProvenanceInitiative/{part}_submix_original'
  for part in ('flan2021', 't0', 'niv2', 'cot', 'dialog')
)

# Endings of files that hold rows. A repository without any holds a script, and
# the hub has converted it.
_DATA = (
  '.parquet',
  '.jsonl',
  '.json',
  '.json.gz',
  '.jsonl.gz',
  '.csv',
  '.arrow',
)


def places_of(tasks: Iterable[Task]) -> list[str]:
  """Returns the folders of the hub that have tasks' data, each once.

  >>> from ul2_flan.tasks import catalog
  >>> names = ('flan2021:bool_q', 'flan2021:cola', 'flan2021:sst2')
  >>> places_of(map(catalog.load, names))
  ['hf://datasets/google/boolq', 'hf://datasets/glue@main']
  """
  return list(dict.fromkeys(p for task in tasks for p in _places(task)))


def _places(task: Task) -> Iterator[str]:
  for source in task.sources:
    if source.kind == 'p3':
      yield 'hf://datasets/bigscience/P3/data'
    elif source.kind in ('export', 'rows'):
      first, _, rest = source.locator.partition('/')
      if first in ORGANISATIONS:
        yield f'hf://datasets/{first}/{rest.partition("/")[0]}'
      elif source.kind == 'export':
        # The hub leads from the old names of data sets to the new ones.
        yield f'hf://datasets/{first}@main'


def listed(places: Sequence[str]) -> list[tuple[str, int]]:
  """Lists the files of places, with their sizes; nothing of what is gone.

  Raises:
    UserError: there is no place, or nothing is at any of them.
  """
  found = [file for files in each(_files, places, BARE) for file in files]
  if not found:
    raise UserError(
      'hf:// finds nothing on the hub'
      + (f' at {", ".join(places[:3])}' if places else ' for these tasks')
      + ": `ul2-flan tasks sources` says where each task's data are"
    )
  return found


def _files(place: str) -> list[tuple[str, int]]:
  try:
    files = folders.below(place)
    if place.endswith('/data') or any(p.endswith(_DATA) for p, _ in files):
      return files
    return folders.below(f'{place.removesuffix("@main")}@{CONVERTED}')
  except (FileNotFoundError, PermissionError):
    # It is gone, gated or was never there: a missing task tells people.
    return []
