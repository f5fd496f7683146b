"""Names of tasks in frozen dumps of the collection, and in the catalog.

google-research/FLAN calls a task by its TFDS name (`super_glue/rte:1.0.2`), by
a name of its own (`cot_gsm8k`, `true_case`), by P3's subset or by NIv2's file.
All is as in its `task_configs.py` and `task_configs_v1.py` @e9e4ec6. Where its
name stands for several tasks of ours, a dump cannot tell these apart, and one
task takes their rows.
"""

from collections.abc import Iterator, Mapping
import dataclasses
import functools
import re

from ul2_flan.tasks.catalog.caps import CAPS
from ul2_flan.tasks.catalog.index import tasks
from ul2_flan.tasks.catalog.schema import Task

# The suite that `--source` names for dumps; the catalog has none of this name.
SUITE = 'released'

# What a dump calls the parts of the collection, where it names no tasks.
SUBMIXTURES = {
  'flan': 'flan2021', 'flan2021': 'flan2021',
  't0': 't0_sf', 'p3': 't0_sf',
  'niv2': 'niv2', 'cot': 'cot', 'dialog': 'dialog',
}  # fmt: skip

# Of a part of the collection as a whole.
WHOLE = 'all_tasks'

# FLAN names these otherwise than the catalog, or leaves out a configuration.
_SPECIAL = {
  'paws_wiki': 'flan2021:paws_wiki',
  'huggingface:xsum': 'flan2021:xsum',
  'wiki_dialog': 'dialog:wiki_dialog',
}

_TEMPLATES = '_10templates'


def name_of(flan_name: str) -> str:
  """Returns the name of a task by the one that a dump has; '' for none.

  >>> name_of('super_glue/rte:1.0.2'), name_of('stream_aqua')
  ('flan2021:rte', 'cot:aqua')
  >>> name_of('glue/mnli:2.0.0'), name_of('cot_gsm8k_ii'), name_of('niv2')
  ('flan2021:glue_mnli', 'cot:gsm8k_inverted', 'niv2:all_tasks')
  """
  name = flan_name.removesuffix(_TEMPLATES)
  known = _names()
  for spelled in (name, without_version(name), name.split('.')[0]):
    if spelled in known:
      return known[spelled]
  return ''


def load(name: str) -> Task | None:
  """Returns a task that a dump may have: the catalog's, or one for its rows."""
  return _made().get(name) or _listed().get(name)


def candidates(suite: str) -> list[str]:
  """Returns the tasks of a suite that a dump may name, without the whole."""
  names = dict.fromkeys(_names().values())
  its = (name for name in names if name.startswith(f'{suite}:'))
  return [name for name in its if not name.endswith(f':{WHOLE}')]


def without_version(name: str) -> str:
  """Returns a TFDS name without its version.

  >>> without_version('glue/cola:2.0.0'), without_version('huggingface:xsum')
  ('glue/cola', 'huggingface:xsum')
  """
  return re.sub(r':\d+\.\d+\.\d+$', '', name)


@functools.cache
def _listed() -> Mapping[str, Task]:
  return {task.name: task for task in tasks(left_out=True)}


@functools.cache
def _names() -> Mapping[str, str]:
  """Maps the names of dumps to ours."""
  names = {k: f'{suite}:{WHOLE}' for k, suite in SUBMIXTURES.items()}
  for task in _listed().values():
    suite, _, name = task.name.partition(':')
    if suite == 'cot' and not task.inverted:
      for kind in ('cot', 'stream'):
        names[f'{kind}_{name}'] = task.name
        names[f'{kind}_{name}_ii'] = f'{task.name}_inverted'
    elif suite == 'dialog' and not task.inverted:
      names[name], names[f'{name}_ii'] = task.name, f'{task.name}_inverted'
    elif suite == 'niv2':
      stems = (source.locator.split('.')[0] for source in task.sources)
      names |= dict.fromkeys((name, *stems), task.name)
    elif suite == 't0_sf':
      names |= dict.fromkeys((name, task.sources[0].locator), task.name)
    elif suite == 'flan2021':
      names[name] = task.name
  for locator, same in _by_locator().items():
    names[locator] = same[0].name if len(same) == 1 else _joint(locator)
  return names | _SPECIAL


@functools.cache
def _by_locator() -> Mapping[str, list[Task]]:
  """Maps TFDS names without versions to the tasks of Flan 2021 on them."""
  found: dict[str, list[Task]] = {}
  for task in tasks(suite='flan2021', inverted=False):
    for source in task.sources:
      if source.kind == 'tfds':
        found.setdefault(without_version(source.locator), []).append(task)
  return found


def _joint(locator: str) -> str:
  return f'flan2021:{re.sub("[^a-zA-Z0-9]", "_", locator)}'


@functools.cache
def _made() -> Mapping[str, Task]:
  """Makes the tasks that dumps have and the catalog has not, by name."""
  return {task.name: task for task in (*_joints(), *_inverted(), *_wholes())}


def _joints() -> Iterator[Task]:
  for locator, same in _by_locator().items():
    if len(same) > 1:
      licences = {task.licence for task in same}
      yield dataclasses.replace(
        same[0],
        name=_joint(locator),
        dataset=locator,
        cap=sum(task.cap for task in same),
        licence=licences.pop() if len(licences) == 1 else '',
        examples=sum(task.examples for task in same),
      )


def _inverted() -> Iterator[Task]:
  for task in tasks(suite='cot', inverted=False):
    # Its three kinds of question, which the catalog tells apart, are one here.
    yield dataclasses.replace(task, name=f'{task.name}_inverted', inverted=True)


def _wholes() -> Iterator[Task]:
  for suite in dict.fromkeys(SUBMIXTURES.values()):
    same = list(tasks(suite=suite, inverted=False))
    yield dataclasses.replace(
      same[0],
      name=f'{suite}:{WHOLE}',
      dataset=suite,
      category='all tasks of the suite',
      languages=('en',),
      licence='',
      options='none',
      labels=(),
      cap=CAPS[suite] * len(same),
      examples=0,
    )
