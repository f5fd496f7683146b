"""Says what a data set holds: a task in a setting, or text for denoisers."""

from collections.abc import Mapping
import dataclasses

from ul2_flan.mixtures.stock import catalog_tasks
from ul2_flan.pipelines.flan import context
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.rendering import SETTINGS

_SETTINGS = frozenset(map(str, SETTINGS))


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
  """What a data set holds.

  Attributes:
    group: the data sets that are shown together: 'niv2 · fs_opt' of tasks in
      a setting; the data set's own name of text and mixtures.
    suite: of its task; empty for none.
    task: the full name of its task; empty for none.
    setting: of its task, or the variant of its prompts; empty for none.
  """

  group: str
  suite: str = ''
  task: str = ''
  setting: str = ''


def held(data_set: str) -> Held:
  """Reads the name of a data set.

  >>> held('flan:niv2:task001_a:fs_opt').group, held('ul2r:r_3_15').group
  ('niv2 · fs_opt', 'ul2r:r_3_15')
  >>> held('eval:mmlu:anatomy:cot').group
  'mmlu · cot'
  """
  _, suite, *others = [*data_set.split(':'), '']
  task, _, last = ':'.join(others).rstrip(':').rpartition(':')
  is_task = suite in catalog.suites() and last in _SETTINGS
  is_evaluation = suite in suites.names() and last in suites.variants()
  if not task or not (is_task or is_evaluation):
    return Held(data_set)
  return Held(f'{suite} · {last}', suite, f'{suite}:{task}', last)


def task_of(name: str, manifest: Manifest) -> Task | None:
  """Returns a task of a run, a user's own included; None for no such task.

  A mixture keeps no tasks, so those that are not in the catalog are unknown.
  """
  config = manifest.run['config']
  try:
    if name in config.get('tasks', {}):
      return context.task_of(config, name)
    return catalog_tasks().get(name)
  except UserError:
    return None


def examples_of(manifest: Manifest) -> Mapping[str, int]:
  """Counts the examples of each data set, all of its splits together."""
  return {
    name: sum(split.examples for split in splits.values())
    for name, splits in manifest.data_sets.items()
  }
