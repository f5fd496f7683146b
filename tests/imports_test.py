"""Imports go the way of the data, and those of a worker stay light."""

import ast
from collections.abc import Iterator
import graphlib
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
  'tasks': {'tasks'},
  'mixtures': {'mixtures', 'tasks'},
  'pipelines': {'pipelines', 'mixtures', 'tasks'},
  'trainer_plugin': {'trainer_plugin', 'mixtures', 'tasks'},
}
FILES = [
  path for folder in MAY_IMPORT for path in (ROOT / folder).rglob('*.py')
]

# Each costs a worker seconds and hundreds of megabytes.
HEAVY = {
  'jax', 'seqio', 't5', 'tensorflow', 'tensorflow_datasets', 'tensorflow_text'
}  # fmt: skip

IMPORT_ALL_BUT_REGISTER = f"""
import importlib, pkgutil, sys
from ul2_flan import mixtures, pipelines, tasks
for package in (tasks, mixtures, pipelines):
  prefix = package.__name__ + '.'
  for module in pkgutil.walk_packages(package.__path__, prefix):
    parts = {{*module.name.split('.')}}
    if not parts & {{'register', 'registration', '__main__'}}:
      importlib.import_module(module.name)
      print(module.name)
loaded = {HEAVY!r} & set(sys.modules)
sys.exit(f'loaded {{sorted(loaded)}}' if loaded else 0)
"""


def imported(source: str) -> Iterator[str]:
  """Full names that a module imports, also those inside its functions."""
  for node in ast.walk(ast.parse(source)):
    if isinstance(node, ast.Import):
      yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
      dots = '.' * node.level
      for alias in node.names:
        yield f'{dots}{node.module or ""}.{alias.name}'


def forbidden(source: str, folder: str) -> list[str]:
  """The imports that a module in `folder` must not have."""
  wrong = []
  for name in imported(source):
    first, _, rest = name.partition('.')
    ours = first == 'ul2_flan'
    if first in MAY_IMPORT or first == '':
      wrong.append(name)  # a second copy of the module; or a relative import
    elif ours and rest.split('.')[0] not in MAY_IMPORT[folder]:
      wrong.append(name)
  return wrong


def edges(path: Path) -> set[str]:
  """What of ours a module imports before it is itself imported."""
  found = set()
  for node in ast.parse(path.read_text()).body:
    if isinstance(node, ast.ImportFrom) and node.module:
      for alias in node.names:
        name = f'{node.module}.{alias.name}'
        found.add(name if name in MODULES else node.module)
  return found & MODULES.keys()


def name_of(path: Path) -> str:
  parts = path.relative_to(ROOT).with_suffix('').parts
  return '.'.join(('ul2_flan', *parts)).removesuffix('.__init__')


MODULES = {name_of(path): path for path in FILES}


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
  return subprocess.run(
    [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True
  )


@pytest.mark.parametrize(
  'path', FILES, ids=lambda path: str(path.relative_to(ROOT))
)
def test_imports_follow_the_data(path: Path):
  folder = path.relative_to(ROOT).parts[0]
  assert forbidden(path.read_text(), folder) == []


@pytest.mark.parametrize(
  ('source', 'folder'),
  [
    ('import ul2_flan.pipelines.ul2', 'tasks'),
    ('from ul2_flan import pipelines', 'mixtures'),
    ('from ul2_flan.pipelines import work', 'mixtures'),
    ('def f():\n  from tasks import records', 'pipelines'),
    ('from . import records', 'tasks'),
    ('from .records import Shard', 'tasks'),
  ],
)
def test_finds_what_is_forbidden(source: str, folder: str):
  assert forbidden(source, folder)


def test_no_module_needs_itself():
  """So any may be imported first."""
  graph = {name: edges(path) for name, path in MODULES.items()}
  assert graph['ul2_flan.pipelines.verify'] > {
    'ul2_flan.pipelines.storage.files'
  }
  graphlib.TopologicalSorter(graph).prepare()


def test_workers_load_neither_tensorflow_nor_seqio(tmp_path: Path):
  result = run('-c', IMPORT_ALL_BUT_REGISTER, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  assert 'ul2_flan.tasks.denoising.noise_masks' in result.stdout.split()


@pytest.mark.parametrize(
  'folder', [f for f in MAY_IMPORT if (ROOT / f / '__init__.py').exists()]
)
def test_the_bare_name_is_refused(folder: str):
  result = run('-c', f'import {folder}', cwd=ROOT)
  assert result.returncode != 0
  assert f'import this package as ul2_flan.{folder}' in result.stderr
