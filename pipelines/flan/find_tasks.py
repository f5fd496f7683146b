"""Which tasks a run has: those that are wanted, and whose files are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines import task_sources
from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.task_sources import Index, Located
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError


def find(
  config: Config,
) -> tuple[
  list[tuple[Task, Located]], dict[str, dict[str, Any]], dict[str, str]
]:
  """The tasks that there are, what the plan keeps of each, and the others."""
  found: list[tuple[Task, Located]] = []
  known: dict[str, dict[str, Any]] = {}
  missing = _not_visited(config)
  for suite in config.suites or config.sources:
    roots = config.sources.get(suite, ())
    index = Index.of(roots)
    for task in _wanted(suite, index, config):
      try:
        located = task_sources.locate(task, index, config.read_options)
      except UserError as e:
        missing[task.name] = str(e)
        continue
      if not located or not located.splits.get('train'):
        missing[task.name] = _why_not(suite, roots, located)
        continue
      found.append((task, located))
      known[task.name] = {
        'source': located.source,
        'held_out': 0.0
        if located.splits.get('validation')
        else config.validation_fraction,
      }
      if task.left_out == 'unlisted':
        file = task.sources[0].locator.removesuffix('.json')
        known[task.name]['unlisted'] = [suite, file]
  return found, known, missing


def nothing_found(config: Config, missing: Mapping[str, str]) -> UserError:
  """The error for a run that has no task left."""
  roots = ', '.join(r for roots in config.sources.values() for r in roots)
  others = 0 if config.left_out or config.tasks else _left_out(config)
  hint = (
    f' {others} tasks are there that are no part of the collection: '
    '--left_out takes them.'
    if others
    else ''
  )
  for task, reason in missing.items():
    return UserError(
      f'none of {len(missing)} tasks can be read below {roots}; the first is '
      f'{task}: {reason}.{hint} `python -m ul2_flan.tasks show {task}` says '
      'where its rows come from'
    )
  return UserError('no task is left: look at --suites, --tasks and --without')


def _left_out(config: Config) -> int:
  """How many tasks could be read, were they wanted."""
  try:
    found, *_ = find(dataclasses.replace(config, left_out=True))
  except UserError:
    return 0
  return len(found)


def _not_visited(config: Config) -> dict[str, str]:
  """The tasks that are named, and whose suites the run does not look at."""
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


def _why_not(suite: str, roots: Sequence[str], located: Located | None) -> str:
  """Why there is nothing to train on."""
  return task_sources.why_no_train(located) if roots else _no_source(suite)


def _wanted(suite: str, index: Index, config: Config) -> list[Task]:
  """The tasks of a suite that are asked for, in the catalog's order."""
  named = {name for name in config.tasks if name.startswith(suite + ':')}
  # By its name, also what is no part of the collection can be had.
  left_out = config.left_out or bool(named)
  tasks = list(catalog.tasks(suite=suite, left_out=left_out))
  if config.tasks:
    tasks = [task for task in tasks if task.name in named]
  elif config.unlisted and suite in ('niv2', 't0_sf'):
    tasks += task_sources.unlisted(index, suite)
  return [task for task in tasks if task.name not in config.without]
