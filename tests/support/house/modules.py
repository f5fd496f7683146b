"""The modules of this repository, for tests of how they are written."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ('tasks', 'mixtures', 'pipelines', 'trainer_plugin')


def modules(*folders: str) -> Iterator[str]:
  """Paths of all Python files below these folders, from the root."""
  for folder in folders:
    for path in sorted((ROOT / folder).rglob('*.py')):
      yield path.relative_to(ROOT).as_posix()


def name_of(path: str) -> str:
  """The name under which a module of ours is installed."""
  names = path.removesuffix('.py').removesuffix('/__init__').split('/')
  return '.'.join(('ul2_flan', *names))


def text_of(path: str) -> str:
  return (ROOT / path).read_text()
