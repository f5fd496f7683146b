"""Finds the tasks of a run: those that are wanted and have files."""

from collections.abc import Sequence
import dataclasses
import functools
from typing import Any

from ul2_flan.pipelines import task_sources
from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.found import Released
from ul2_flan.pipelines.run.paths import Ours
from ul2_flan.pipelines.storage import folders
from ul2_flan.pipelines.task_sources import Index, Located, hub_places
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.licences import LicenceExpression, counted
from ul2_flan.tasks.errors import UserError, given_by, unknown
from ul2_flan.tasks.own_tasks import OwnTasks

# So many missing tasks of a suite are told what is near to their files. Of more
# than these, the first alone is.
_NEAR = 8

# Suites whose files say enough about a task that is not in the catalog.
_UNLISTED_SUITES = ('niv2', 't0_sf')


@dataclasses.dataclass(slots=True)
class FoundTasks:
  """The tasks of a run.

  Attributes:
    located: the tasks that have a training split, with their files, suite by
      suite in the catalog's order.
    known: for each of these what the plan keeps, as JSON: 'source', the index
      of the source that was found; 'held_out', the share of its training split
      that becomes the validation split; and for a task that is not in the
      catalog 'unlisted', its suite and file.
    missing: tasks that were asked for and cannot be had, and why.
    own: the user's own tasks, those included that their files make.
    unlicensed: tasks that have files and whose licence does not fit
      `--licence`, with the licence; '' for an unknown one.
    left_out: suites of which nothing was found, but tasks that the collection
      leaves out, and how many of these there are.
    released: what was found of frozen dumps.
  """

  located: list[tuple[Task, Located]]
  known: dict[str, dict[str, Any]]
  missing: dict[str, str]
  own: OwnTasks
  left_out: dict[str, int]
  unlicensed: dict[str, str] = dataclasses.field(default_factory=dict)
  released: Released = dataclasses.field(default_factory=Released)


def find(config: Config, output: str = '') -> FoundTasks:
  """Finds the tasks of a run. Lists folders, and reads no row.

  Args:
    config: the run's.
    output: the folder that it will write to; nothing there is a source.
  """
  if config.promptsource and not folders.below(config.promptsource):
    raise UserError(
      f"--promptsource '{config.promptsource}': there is no file below it. "
      "Give promptsource's folder of templates"
    )
  own = config.own_tasks
  of_files = config.suites_of_files(own)
  found = FoundTasks([], {}, _not_visited(config), own, {})
  has_dump = SUITE in config.sources
  for suite in config.suites or config.sources:
    roots = config.sources.get(suite, ())
    if suite == SUITE or (has_dump and not roots):
      continue
    bare = functools.partial(_on_hub, suite, config)
    with given_by(f'--source {suite}'):
      index = Index.of(roots, Ours(output, config.name), bare)
    before = len(found.located)
    absent: list[tuple[Task, Located | None]] = []
    if suite in of_files:
      _find_files(suite, index, config, found)
      continue
    for task in _wanted(suite, index, config, own):
      try:
        located = task_sources.locate(task, index, config.read_options)
      except UserError as e:
        found.missing[task.name] = str(e)
        continue
      if not located or not located.splits.get('train'):
        absent.append((task, located))
        found.missing[task.name] = ''  # told below
      else:
        _take(task, located, config, found)
    _tell_absent(absent, roots, index, found)
    nothing = len(found.located) == before and not found.unlicensed
    if nothing and (count := _left_out(config, output, suite)):
      found.left_out[suite] = count
  if has_dump:
    _find_released(config, output, found)
  return found


def _find_released(config: Config, output: str, found: FoundTasks) -> None:
  """Takes the tasks of frozen dumps that no other source has."""
  roots = config.sources[SUITE]
  with given_by(f'--source {SUITE}'):
    dumps = hub_places.DUMPS
    index = Index.of(
      roots, Ours(output, config.name), lambda: hub_places.listed(dumps)
    )
    found.released = Released.find(index, config, roots)
  for task in found.released.wanted(config):
    found.missing.pop(task.name, None)
    if task.name in found.known:
      found.released.elsewhere.append(task.name)
    elif not _is_licensed(task, config, found):
      del found.released.settings[task.name]
    else:
      known = {'source': 0, 'held_out': config.validation_fraction}
      found.known[task.name] = {**known, 'released': True}


def _on_hub(suite: str, config: Config) -> list[tuple[str, int]]:
  """Lists the hub's repositories of a suite's tasks, or of those named."""
  if suite not in catalog.suites():
    return hub_places.listed(())
  tasks = catalog.tasks(suite=suite, left_out=config.left_out)
  named = {name for name in config.tasks if name.startswith(f'{suite}:')}
  wanted = [task for task in tasks if not named or task.name in named]
  return hub_places.listed(hub_places.places_of(wanted))


def _find_files(
  suite: str, index: Index, config: Config, found: FoundTasks
) -> None:
  """Makes a task of each of the user's own files, and finds it.

  Raises:
    UserError: there is no file that could be one, or none of a named task.
  """
  named = {t for t in config.tasks if t.startswith(suite + ':')}
  files = task_sources.by_task(index, config.read_options)
  if not files:
    raise UserError(
      f'--source {suite}: there is no file of {config.format} rows: none ends '
      'in .jsonl, .json, .parquet, .csv or .tsv'
    )
  found.own = found.own.with_files(
    suite,
    config.format,
    {
      name: [p.path for pieces in splits.values() for p in pieces]
      for name, splits in files.items()
    },
  )
  tasks = {task.name: task for task in found.own.tasks.values()}
  for name in named | {t for t in config.without if t.startswith(suite + ':')}:
    if name not in tasks:
      raise unknown('task', name, [t for t in tasks if t.startswith(suite)])
  for name, splits in files.items():
    task = tasks[f'{suite}:{name}']
    if task.name in config.without or (config.tasks and task.name not in named):
      continue
    located = Located(0, splits)
    if not splits.get('train'):
      found.missing[task.name] = task_sources.why_no_train(located)
      continue
    _take(task, located, config, found)


def _take(
  task: Task, located: Located, config: Config, found: FoundTasks
) -> None:
  """Takes a task that has files, unless its licence does not fit."""
  if _is_licensed(task, config, found):
    found.located.append((task, located))
    found.known[task.name] = _known(task, located, config)


def _is_licensed(task: Task, config: Config, found: FoundTasks) -> bool:
  """Whether a task's licence fits; notes it if it does not."""
  if not config.licence or LicenceExpression(config.licence).fits(task.licence):
    return True
  found.unlicensed[task.name] = task.licence
  return False


def _known(task: Task, located: Located, config: Config) -> dict[str, Any]:
  has_validation = located.splits.get('validation')
  known: dict[str, Any] = {
    'source': located.source,
    'held_out': 0.0 if has_validation else config.validation_fraction,
  }
  if task.left_out == 'unlisted':
    file = task.sources[0].locator.removesuffix('.json')
    known['unlisted'] = [task.suite, file]
  return known


def nothing_found(config: Config, found: FoundTasks) -> UserError:
  """Makes the error for a run that has no task."""
  if found.unlicensed:
    return UserError(
      f"--licence '{config.licence}' fits none of {len(found.unlicensed)} "
      f'tasks that have files, of the licences {counted(found.unlicensed)}'
    )
  roots = ', '.join(r for roots in config.sources.values() for r in roots)
  others = sum(found.left_out.values())
  hint = (
    ' The collection leaves out all tasks that have files here, '
    f'{others} of them: --left_out takes them.'
    if others
    else ''
  )
  # First those that have files, and say what is wrong with them.
  for task, reason in sorted(
    found.missing.items(),
    key=lambda missing: missing[1].startswith(task_sources.NO_FILE),
  ):
    return UserError(
      f'none of {len(found.missing)} tasks can be read below {roots}; the '
      f'first is {task}: {reason}.{hint} `python -m ul2_flan.tasks show {task}`'
      ' says where its rows come from'
    )
  return UserError('no task is left: look at --suites, --tasks and --without')


def _left_out(config: Config, output: str, suite: str) -> int:
  """Counts the tasks of a suite that could be read with `--left_out`."""
  if config.left_out or config.tasks or suite not in config.sources:
    return 0
  more = dataclasses.replace(config, left_out=True, suites=(suite,))
  return len(find(more, output).located)


def _not_visited(config: Config) -> dict[str, str]:
  """Returns the named tasks whose suites the run does not look at, and why."""
  reason = 'its suite is not in --suites' if config.suites else ''
  suites = config.suites or config.sources
  return {
    name: reason or _no_source(suite)
    for name in config.tasks
    if (suite := name.partition(':')[0]) not in suites
    and name not in config.without
  }


def _no_source(suite: str) -> str:
  return f'no --source {suite}=DIR is given'


def _tell_absent(
  absent: Sequence[tuple[Task, Located | None]],
  roots: Sequence[str],
  index: Index,
  found: FoundTasks,
) -> None:
  """Says of the tasks of a suite that have no training split why not."""
  for number, (task, located) in enumerate(absent):
    # To compare names takes long. People read of some, or of the first of many.
    told = not number or len(absent) <= _NEAR
    found.missing[task.name] = _why_not(
      task, roots, located, index if told else None
    )


def _why_not(
  task: Task, roots: Sequence[str], located: Located | None, index: Index | None
) -> str:
  """Returns why a task has no training split; with an index, what is near."""
  if not roots:
    return _no_source(task.suite)
  why = task_sources.why_no_train(located)
  if not located:
    why += f': {task_sources.looked_for(task, roots)}'
    if index and (near := task_sources.near(task, index)):
      why += f'; near is {near}'
  return why


def _wanted(
  suite: str, index: Index, config: Config, own: OwnTasks
) -> list[Task]:
  """Returns the tasks of a suite that are asked for, in the catalog's order."""
  named = {name for name in config.tasks if name.startswith(suite + ':')}
  # A run takes a task that is named, even if it is no part of the collection.
  left_out = config.left_out or bool(named)
  if suite in own.suites:
    tasks = [task for task in own.tasks.values() if task.suite == suite]
  else:
    tasks = list(catalog.tasks(suite=suite, left_out=left_out))
  if config.tasks:
    tasks = [task for task in tasks if task.name in named]
  elif config.unlisted and suite in _UNLISTED_SUITES:
    tasks += task_sources.unlisted(index, suite)
  return [task for task in tasks if task.name not in config.without]
