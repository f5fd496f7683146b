"""A frozen dump, and plans and workers of runs that read it."""

from pathlib import Path

import pytest
from support.plans import plan_of
from support.task_sources import released

from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.map_only import process_item
from ul2_flan.pipelines.run import Plan

# Those that are in the dump; any other of their suites may come too.
TASKS = f'--tasks={",".join(released.TASKS.values())}'


@pytest.fixture(scope='session')
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
  """A dump of four tasks in two settings, which no test changes."""
  folder = tmp_path_factory.mktemp('released') / 'dump'
  return released.write_submix(folder, released.rows())


@pytest.fixture
def flags(dump, vocabulary_path, tmp_path):
  """Makes the flags of a run over the dump."""

  def make(output: str = 'out', *more: str, folder: Path = dump) -> list[str]:
    return [
      f'--source=released={folder}',
      *('--vocabulary', vocabulary_path, '--output', str(tmp_path / output)),
      *('--inputs_length', '256', '--validation_fraction', '0.1', *more),
    ]

  return make


@pytest.fixture
def routed(flags, tmp_path):
  """Makes the plan of a run, and does its first step."""

  def make(output: str = 'out', *more: str) -> tuple[Plan, FlanWorker]:
    plan = plan_of('flan', flags(output, TASKS, *more))
    resume.begin(str(tmp_path / output), plan)
    worker = FlanWorker(plan)
    for item in plan.items[: len(plan.parts('released'))]:
      process_item(str(tmp_path / output), plan, worker, item)
    worker.read_from(str(tmp_path / output))
    return plan, worker

  return make
