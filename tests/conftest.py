"""What all tests share: an installed package, and the data beside us."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _installed() -> bool:
  try:
    return importlib.util.find_spec('ul2_flan.tasks') is not None
  except ModuleNotFoundError:
    return False


if not _installed():
  pytest.exit('ul2_flan is not installed: run `make .venv`', returncode=4)


@pytest.fixture(scope='session')
def shared_data() -> Path:
  path = ROOT.parent / 'shared' / 'data'
  if not path.is_dir():
    pytest.skip('needs real data in ../shared/data, which is not in the clone')
  return path
