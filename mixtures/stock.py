"""The data sets of finished runs: what there is to mix.

Their names say what they are. A Flan run has tasks in settings,
`<run>:<suite>:<task>:<setting>`; a UL2 run has denoisers, `<run>:<denoiser>`,
or one data set for the whole table, `<run>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task, released
from ul2_flan.tasks.denoising.denoiser import Denoiser, parse_table
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.own_tasks import OwnTasks
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting

_SETTINGS = {str(setting): setting for setting in SETTINGS}

# Suites that take a user's own files.
_UNLISTED_SUITES = ('niv2', 't0_sf')


@dataclasses.dataclass(frozen=True, slots=True)
class DataSet:
  """A data set of a run, in one split.

  Attributes:
    name: as registered.
    manifest: the index of its run among those that were given.
    examples: how many it has.
    tokens: of all its examples, inputs and targets together, with EOS where the
      reader appends it; 0 if the run did not count them.
    task: that it was rendered from, or None.
    setting: in which the task was rendered, or None.
    denoisers: of a UL2 run: those that it holds, with their rates in it.
    table: of a UL2 run: all of the run's denoisers, whichever of its data sets
      hold them.
  """

  name: str
  manifest: int
  examples: int
  tokens: int
  task: Task | None = None
  setting: Setting | None = None
  denoisers: tuple[Denoiser, ...] = ()
  table: tuple[Denoiser, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Stock:
  """Data sets, sorted by what they are.

  Attributes:
    tasks: maps names of tasks to settings to data sets. There are several if
      several runs have the task in that setting.
    denoising: the data sets of UL2 runs.
  """

  tasks: Mapping[str, Mapping[Setting, Sequence[DataSet]]]
  denoising: Sequence[DataSet]

  @classmethod
  def of(cls, manifests: Sequence[Manifest], split: str = 'train') -> Stock:
    """Sorts the data sets of runs.

    Args:
      manifests: of the runs.
      split: whose examples are counted; data sets without it are left out.

    Raises:
      UserError: two runs have a data set of the same name, or different
        vocabularies.
    """
    _check(manifests)
    tasks: dict[str, dict[Setting, list[DataSet]]] = {}
    denoising = []
    for index, manifest in enumerate(manifests):
      for data_set in _data_sets(manifest, index, split):
        if data_set.task and data_set.setting:
          by_setting = tasks.setdefault(data_set.task.name, {})
          by_setting.setdefault(data_set.setting, []).append(data_set)
        elif data_set.denoisers:
          denoising.append(data_set)
    return cls(tasks, denoising)

  def task(self, name: str) -> Task:
    """Returns a task that is here, also if the catalog does not have it."""
    data_set = next(iter(self.tasks[name].values()))[0]
    assert data_set.task
    return data_set.task


def _check(manifests: Sequence[Manifest]) -> None:
  """Raises an error if runs do not go together."""
  runs: dict[str, Manifest] = {}
  for manifest in manifests:
    if manifest.run.get('job') == 'evaluation':
      raise UserError(
        f"run '{manifest.name}' is for evaluation: nothing is trained on it. "
        'Leave it out'
      )
    for name in manifest.data_sets:
      if name in runs:
        raise UserError(
          f"two of the runs have a data set '{name}'; make one of them with "
          'another --name'
        )
      runs[name] = manifest
  for manifest in manifests[1:]:
    for key in ('sha256', 'extra_ids', 'eos'):
      one, other = (m.vocabulary.get(key) for m in (manifests[0], manifest))
      if one != other:
        raise UserError(
          f"runs '{manifests[0].name}' and '{manifest.name}' were made with "
          f'different vocabularies ({key} {one}, {other}), so their ids mean '
          'different pieces; make one of them anew with the vocabulary of the '
          'other'
        )
  named = {
    m.vocabulary.get('sentinels', ''): m.name
    for m in manifests
    if 'denoisers' in m.run.get('config', {})
  }
  if len(named) > 1:
    raise UserError(
      f'the runs {", ".join(named.values())} have different --sentinels '
      f'({", ".join(repr(name) for name in named)}), so their blanks are '
      'different pieces; make them anew with the same'
    )


def _data_sets(manifest: Manifest, index: int, split: str) -> Iterator[DataSet]:
  """Yields the data sets of a run whose names say what they are."""
  whole: tuple[Denoiser, ...] = ()
  text = manifest.run.get('config', {}).get('denoisers')
  if text:
    whole = parse_table(text, f"run '{manifest.name}'").denoisers
  table = {denoiser.name: denoiser for denoiser in whole}
  own = own_tasks([manifest])
  # Other features hold text, or where an example comes from.
  tokens = [k for k, f in manifest.features.items() if f.dtype == 'int32']
  eos = sum(manifest.features[k].add_eos for k in tokens)
  for name, splits in manifest.data_sets.items():
    if split not in splits:
      continue
    stats = splits[split].stats
    examples = stats['examples']
    data_set = DataSet(
      name,
      index,
      examples,
      sum(stats.get(f'{k}_tokens', 0) for k in tokens) + examples * eos,
    )
    rest = name.removeprefix(manifest.name).removeprefix(':')
    if rest in table:
      yield dataclasses.replace(data_set, denoisers=(table[rest],), table=whole)
    elif table and not rest:
      yield dataclasses.replace(data_set, denoisers=whole, table=whole)
    elif (of := _task_of(rest, own)) is not None:
      yield dataclasses.replace(data_set, task=of[0], setting=of[1])


def own_tasks(manifests: Iterable[Manifest]) -> dict[str, Task]:
  """Returns the tasks of users' own catalogs that runs were made with."""
  catalogs = (m.run.get('config', {}).get('catalog', {}) for m in manifests)
  return {k: t for c in catalogs for k, t in OwnTasks.of(c).tasks.items()}


def _task_of(rest: str, own: Mapping[str, Task]) -> tuple[Task, Setting] | None:
  """Returns the task and the setting of `<suite>:<task>:<setting>`, or None."""
  name, _, setting = rest.rpartition(':')
  suite, _, task = name.partition(':')
  if not task or setting not in _SETTINGS:
    return None
  known = own.get(name) or catalog_tasks().get(name) or released.load(name)
  if known is None and suite in _UNLISTED_SUITES:
    known = catalog.unlisted(suite, task)
  return (known, _SETTINGS[setting]) if known else None


@functools.cache
def catalog_tasks() -> Mapping[str, Task]:
  """Returns the catalog's tasks by name, also those that are left out."""
  return {task.name: task for task in catalog.tasks(left_out=True)}
