"""Small files of the four suites, and the configurations of runs over them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.evaluation import suite_files

from ul2_flan.pipelines.evaluation import Config
from ul2_flan.pipelines.evaluation.planning import make_plan
from ul2_flan.pipelines.run import Plan


@pytest.fixture(scope='session')
def suites_folder(tmp_path_factory) -> Path:
  """Files of five tasks, which no test may change."""
  return suite_files.write(tmp_path_factory.mktemp('suites'))


@pytest.fixture(scope='session')
def big_bench_folder(tmp_path_factory) -> Path:
  """Files of two tasks in BIG-bench's layout."""
  folder = tmp_path_factory.mktemp('big_bench')
  for name, text in suite_files.BBES.items():
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(text)
  return folder


@pytest.fixture
def config(suites_folder, vocabulary_path) -> Callable[..., Config]:
  """Makes the configuration of a run over the files."""

  def make(**changes: Any) -> Config:
    fields = {
      'sources': {
        suite: [str(suites_folder / suite)] for suite in suite_files.SUITES
      },
      'vocabulary': vocabulary_path,
      'allow_unwritable': True,
      'split': 'paper',
      **changes,
    }
    return Config(**fields)

  return make


@pytest.fixture
def plan(config) -> Callable[..., Plan]:
  """Plans a run over the files."""

  def make(**changes: Any) -> Plan:
    return make_plan(config(**changes)).plan

  return make
