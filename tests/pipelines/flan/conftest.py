"""A small collection, the flags to run it, and contexts of single tasks."""

from pathlib import Path
from typing import Any

import pytest
from support.task_files import write_collection

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan.context import Encoding, TaskContext
from ul2_flan.pipelines.run import Group, Plan
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.rendering import OwnTemplates


@pytest.fixture(scope='session')
def collection(tmp_path_factory) -> Path:
  """Files of five tasks, which no test may change."""
  return write_collection(tmp_path_factory.mktemp('collection'))


@pytest.fixture
def flags(collection, vocabulary_path, tmp_path):
  """Makes the flags of a run over the collection in two settings."""

  def make(output: str = 'out', *more: str, suites=('niv2', 'cot')):
    return [
      *(f'--source={suite}={collection / suite}' for suite in suites),
      *('--vocabulary', vocabulary_path, '--output', str(tmp_path / output)),
      *('--settings', 'zs_opt,fs_opt', '--inputs_length', '1024', *more),
    ]

  return make


@pytest.fixture
def config(collection, vocabulary_path):
  """Makes the configuration of a run over the collection."""

  def make(**changes: Any) -> flan.Config:
    sources = {suite: [str(collection / suite)] for suite in ('niv2', 'cot')}
    fields = {'sources': sources, 'vocabulary': vocabulary_path, **changes}
    return flan.Config(**fields)

  return make


@pytest.fixture
def context_of(config):
  """Makes the context of a task whose files need not be there."""

  def make(
    task: str,
    settings: tuple[str, ...] = ('zs_opt',),
    source: int = 0,
    held_out: float = 0.0,
    **changes: Any,
  ) -> TaskContext:
    made = config(settings=settings, **changes)
    vocabulary = vocabularies.load(made.vocabulary, None)
    known = {task: {'source': source, 'held_out': held_out}}
    written = made.as_written(vocabulary, OwnTemplates.read(''), known)
    data_sets = tuple(f'flan:{task}:{setting}' for setting in settings)
    groups = {task: Group(data_sets, 1, 1, 0)}
    plan = Plan('flan', written, (), groups, {}, {})
    return TaskContext.of(plan, task, Encoding(written))

  return make
