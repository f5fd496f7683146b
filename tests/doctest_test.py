"""Runs every `>>>` example, in modules under their installed names.

`pytest --doctest-modules` would import a second copy of each module, by path.
"""

import doctest
import importlib

import pytest
from support.house.modules import PACKAGES, modules, name_of

# Importing these does what they are for.
_ACT = ('__main__', '.registered')

MODULES = [
  name for name in map(name_of, modules(*PACKAGES)) if not name.endswith(_ACT)
]


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
  # If doctest found none, the tests above would pass all the same.
  assert _run('ul2_flan.tasks.ragged').attempted > 0
