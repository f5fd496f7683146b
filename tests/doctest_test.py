"""Runs every `>>>` under the name its module is installed as.

`pytest --doctest-modules` would import a second copy of each, by its path.
"""

import doctest
import importlib
import pkgutil

import pytest

FOLDERS = ('tasks', 'pipelines', 'mixtures', 'trainer_plugin')


def _modules() -> list[str]:
  names = []
  for folder in FOLDERS:
    try:
      package = importlib.import_module(f'ul2_flan.{folder}')
    except ModuleNotFoundError:
      continue  # a folder that is yet to come
    prefix = package.__name__ + '.'
    names.append(package.__name__)
    names += [m.name for m in pkgutil.walk_packages(package.__path__, prefix)]
  return [name for name in names if not name.endswith('.__main__')]


MODULES = _modules()


def _run(name: str) -> doctest.TestResults:
  try:
    module = importlib.import_module(name)
  except ModuleNotFoundError as e:
    if e.name != 't5x':
      raise
    pytest.skip('needs T5X, which is on no package index')
  return doctest.testmod(module, optionflags=doctest.ELLIPSIS)


@pytest.mark.parametrize('name', MODULES)
def test_examples_of(name: str):
  assert _run(name).failed == 0


def test_there_are_examples():
  # Were doctest to find none, the tests above would pass in silence.
  assert _run('ul2_flan.tasks.ragged').attempted > 0
