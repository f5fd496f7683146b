"""Imports go the way of the data, and those of a worker stay light."""

import ast
from collections.abc import Iterator, Mapping
import graphlib
from pathlib import Path, PurePosixPath
import subprocess
import sys

import pytest
from support.corpora import documents, write
from support.house.modules import PACKAGES, ROOT, modules, name_of, text_of

MAY_IMPORT = {
  'tasks': {'tasks'},
  'mixtures': {'mixtures', 'tasks'},
  'pipelines': {'pipelines', 'mixtures', 'tasks'},
  'trainer_plugin': {'trainer_plugin', 'mixtures', 'tasks'},
}

# Inside these, a folder imports only itself and folders of lower ranks. Those
# of one rank never import each other. '' is what lies beside the folders.
RANKS: Mapping[str, tuple[tuple[str, ...], ...]] = {
  'pipelines': (
    ('storage',),
    ('sources',),
    ('task_sources',),
    ('run',),
    ('engines',),
    ('launch',),
    ('ul2', 'flan', 'mix', 'evaluation', 'export', 'verification'),
    ('examples', 'contamination'),
    ('report', 'inspect'),
    ('',),
  ),
  'tasks/rendering': (
    ('styles', 'text_fixes'),
    ('templates',),
    ('instances',),
    ('trimming',),
    ('few_shot',),
    ('released',),
    ('',),
  ),
}

# A plan names its kind of run, and this module looks its folder up by the name.
# So may the commands, which may import all there is.
MAY_LOOK_UP = 'pipelines/launch/kind.py'

# Each costs a worker seconds and hundreds of megabytes.
HEAVY = {
  'jax', 'seqio', 't5', 'tensorflow', 'tensorflow_datasets', 'tensorflow_text'
}  # fmt: skip

# Modules and folders that do import these, for training.
TRAINING = {
  'register', 'registered', 'registration', 'preprocessors', '__main__'
}  # fmt: skip

IMPORT_ALL_BUT_REGISTER = f"""
import importlib, pkgutil, sys
from ul2_flan import mixtures, pipelines, tasks
for package in (tasks, mixtures, pipelines):
  prefix = package.__name__ + '.'
  for module in pkgutil.walk_packages(package.__path__, prefix):
    parts = {{*module.name.split('.')}}
    if not parts & {TRAINING!r}:
      importlib.import_module(module.name)
      print(module.name)
loaded = {HEAVY!r} & set(sys.modules)
sys.exit(f'loaded {{sorted(loaded)}}' if loaded else 0)
"""


def imported(source: str) -> Iterator[tuple[int, str]]:
  """Lines and full names of all imports, also of those inside functions."""
  for node in ast.walk(ast.parse(source)):
    if isinstance(node, ast.Import):
      yield from ((node.lineno, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
      dots = '.' * node.level
      for alias in node.names:
        yield node.lineno, f'{dots}{node.module or ""}.{alias.name}'


def looked_up(source: str) -> Iterator[int]:
  """Lines that import a module of ours by a name that is made there."""
  for node in ast.walk(ast.parse(source)):
    if isinstance(node, ast.Call) and any(
      name in ast.unparse(node.func) for name in ('import_module', '__import__')
    ):
      texts = [ast.unparse(argument) for argument in node.args]
      if any('ul2_flan' in text for text in texts):
        yield node.lineno


def folder_in(base: str, path: str) -> str | None:
  """The folder of a base that a path lies in; None if it is not below it."""
  if not path.startswith(f'{base}/'):
    return None
  first = path.removeprefix(f'{base}/').split('/')[0].removesuffix('.py')
  return first if (ROOT / base / first).is_dir() else ''


def broken(source: str, path: str) -> Iterator[str]:
  """The rules that the imports of a module at this path break."""
  package = path.split('/')[0]
  for line, name in imported(source):
    first, *rest = name.split('.')
    if first in MAY_IMPORT:
      yield f'{path}:{line}: imports {name}, a second copy of the module'
    elif first == '':
      yield f'{path}:{line}: imports {name}, which is relative'
    elif first == 'ul2_flan' and rest[0] not in MAY_IMPORT[package]:
      yield f'{path}:{line}: {package} must not import {rest[0]}'
    elif first == 'ul2_flan':
      for problem in against_ranks(path, '/'.join(rest)):
        yield f'{path}:{line}: {problem}'
  if path != MAY_LOOK_UP and folder_in('pipelines', path) != '':
    for line in looked_up(source):
      yield f'{path}:{line}: only {MAY_LOOK_UP} may look modules up by name'


def against_ranks(path: str, other: str) -> Iterator[str]:
  """The ranks that a module's import of another path goes against."""
  for base, ranks in RANKS.items():
    rank_of = {folder: i for i, rank in enumerate(ranks) for folder in rank}
    ours, theirs = folder_in(base, path), folder_in(base, other)
    if ours is None or theirs is None or ours == theirs:
      continue
    for folder in {ours, theirs} - rank_of.keys():
      yield f'{base}/{folder} has no rank: give it one in RANKS'
      return
    if rank_of[theirs] >= rank_of[ours]:
      order = ' < '.join(' | '.join(rank) for rank in ranks[:-1])
      here = PurePosixPath(base, ours)
      yield f'{here} must not import {base}/{theirs or "*.py"}; {order}'


MODULES = {name_of(path): path for path in modules(*PACKAGES)}


def edges(name: str, source: str) -> set[str]:
  """Modules of ours that are imported before the module of this name is.

  The import of a module imports its packages first. Those that it shares with
  the importing module have begun by then, and do not count.
  """
  found = set()
  for node in ast.parse(source).body:
    if isinstance(node, ast.ImportFrom) and node.module:
      for alias in node.names:
        found |= {*packages_of(f'{node.module}.{alias.name}')}
  return (found & MODULES.keys()) - {*packages_of(name)}


def packages_of(name: str) -> Iterator[str]:
  """A name, and the names of all packages that it lies in."""
  while name:
    yield name
    name = name.rpartition('.')[0]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
  return subprocess.run(
    [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True
  )


@pytest.mark.parametrize('path', MODULES.values())
def test_imports_follow_the_data(path: str):
  assert [*broken(text_of(path), path)] == []


@pytest.mark.parametrize(
  ('path', 'source', 'problem'),
  [
    ('tasks/a.py', 'import ul2_flan.pipelines.ul2', 'must not import pipe'),
    ('mixtures/a.py', 'from ul2_flan import pipelines', 'must not import'),
    ('mixtures/a.py', 'from ul2_flan.pipelines import run', 'must not import'),
    ('pipelines/a.py', 'def f():\n  from tasks import records', 'second copy'),
    ('tasks/a.py', 'from . import records', 'relative'),
    ('tasks/a.py', 'from .records import Shard', 'relative'),
    (
      'pipelines/storage/files.py',
      'from ul2_flan.pipelines.run.plan import Plan',
      'pipelines/storage must not import pipelines/run',
    ),
    (
      'pipelines/flan/plan.py',
      'def f():\n  from ul2_flan.pipelines import ul2',
      'pipelines/flan must not import pipelines/ul2',
    ),
    (
      'pipelines/engines/local/pool.py',
      'from ul2_flan.pipelines.launch import finish',
      'pipelines/engines must not import pipelines/launch',
    ),
    (
      'pipelines/mix/plan.py',
      'from ul2_flan.pipelines import verify',
      'pipelines/mix must not import pipelines/*.py',
    ),
    (
      'tasks/rendering/styles/options.py',
      'from ul2_flan.tasks.rendering.renderer import Renderer',
      'tasks/rendering/styles must not import tasks/rendering/*.py',
    ),
    (
      'tasks/rendering/templates/forms.py',
      'from ul2_flan.tasks.rendering.few_shot import pool',
      'tasks/rendering/templates must not import tasks/rendering/few_shot',
    ),
    (
      'pipelines/launch/finish.py',
      'importlib.import_module(f"ul2_flan.pipelines.{kind}.worker")',
      'only pipelines/launch/kind.py may look modules up by name',
    ),
  ],
)
def test_a_wrong_import_is_found(path: str, source: str, problem: str):
  (found,) = broken(source, path)
  line = len(source.splitlines())
  assert found.startswith(f'{path}:{line}: ')
  assert problem in found


@pytest.mark.parametrize(
  ('path', 'source'),
  [
    ('pipelines/run/plan.py', 'from ul2_flan.pipelines.storage import files'),
    ('pipelines/run/plan.py', 'from ul2_flan.pipelines.run import reports'),
    ('pipelines/launch/kind.py', 'import_module(f"ul2_flan.pipelines.{kind}")'),
    ('pipelines/__main__.py', 'import_module(f"ul2_flan.{command}")'),
    ('pipelines/verify.py', 'from ul2_flan.pipelines import flan, ul2'),
    ('trainer_plugin/a.py', 'from ul2_flan.tasks import register'),
    ('tasks/rendering/sheet.py', 'from ul2_flan.tasks.rendering import draws'),
    ('tasks/a.py', 'import_module(f"seqio.{name}")'),
  ],
)
def test_a_right_import_is_none(path: str, source: str):
  assert [*broken(source, path)] == []


def test_every_folder_has_a_rank():
  for base, ranks in RANKS.items():
    folders = {p.parent.name for p in (ROOT / base).glob('*/__init__.py')}
    assert folders | {''} == {folder for rank in ranks for folder in rank}


def test_no_module_needs_itself():
  """So any may be imported first."""
  graph = {name: edges(name, text_of(path)) for name, path in MODULES.items()}
  assert graph['ul2_flan.pipelines.verification.shards'] > {
    'ul2_flan.pipelines.storage',
    'ul2_flan.pipelines.storage.files',
  }
  graphlib.TopologicalSorter(graph).prepare()


def test_packages_are_imported_before_their_modules():
  """A circle may go through the `__init__.py` of a package."""
  source = 'from ul2_flan.pipelines.run.plan import Plan'
  run_and_plan = {'ul2_flan.pipelines.run', 'ul2_flan.pipelines.run.plan'}
  assert edges('ul2_flan.pipelines.verify', source) == run_and_plan
  (plan,) = edges('ul2_flan.pipelines.run.reports', source)
  assert plan == 'ul2_flan.pipelines.run.plan'
  assert edges('ul2_flan.pipelines.run.plan', source) == set()


def test_workers_load_neither_tensorflow_nor_seqio(tmp_path: Path):
  result = run('-c', IMPORT_ALL_BUT_REGISTER, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  assert 'ul2_flan.tasks.denoising.noise_masks' in result.stdout.split()


KINDS = ('ul2', 'flan', 'mix', 'evaluation', 'export')

# In one process, which keeps the libraries; ours are imported anew.
IMPORT_EACH_KIND = f"""
import importlib, sys
for kind in {KINDS}:
  importlib.import_module('ul2_flan.pipelines.' + kind)
  ours = [name for name in sys.modules if name.startswith('ul2_flan')]
  parts = [name.split('.') for name in ours if '.pipelines.' in name]
  print(kind, *(part[2] for part in parts))
  for name in ours:
    del sys.modules[name]
"""


def test_a_kind_of_run_loads_no_other(tmp_path: Path):
  result = run('-c', IMPORT_EACH_KIND, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  said = [line.split() for line in result.stdout.splitlines()]
  assert [kind for kind, *_ in said] == [*KINDS]
  for kind, *folders in said:
    assert {*folders} & {*KINDS} == {kind}


# A whole run of text on this machine, and a look at what it made.
RUN_WITHOUT_BEAM = """
import sys
from ul2_flan.pipelines import ul2, verify
corpus, vocabulary, output = sys.argv[1:]
flags = ['--input', corpus, '--vocabulary', vocabulary, '--output', output]
lengths = ['--inputs_length=64', '--targets_length=64', '--min_shards=2']
assert ul2.main([*flags, *lengths, '--local_workers=2']) == 0
assert verify.main([output]) == 0
print('apache_beam' in sys.modules)
"""


def test_a_run_on_this_machine_does_without_beam(
  tmp_path: Path, vocabulary_path: str
):
  """Beam's import takes longer than many a run."""
  corpus = write(tmp_path / 'a.jsonl', documents(20))
  more = (corpus, vocabulary_path, str(tmp_path / 'out'))
  result = run('-c', RUN_WITHOUT_BEAM, *more, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  assert result.stdout.splitlines()[-1] == 'False'


# In one process, `ul2` and `mix` first: what is there after each.
HEAVY_IMPORTS = """
import importlib, sys
for kind in ('ul2', 'mix', 'flan', 'evaluation', 'export'):
  importlib.import_module('ul2_flan.pipelines.' + kind)
  print(kind, *sorted({'apache_beam', 'pyarrow'} & {*sys.modules}))
"""


def test_beam_and_pyarrow_are_imported_where_they_are_used(tmp_path: Path):
  result = run('-c', HEAVY_IMPORTS, cwd=tmp_path)
  assert result.returncode == 0, result.stderr
  assert result.stdout.splitlines()[:2] == ['ul2', 'mix']
  assert 'apache_beam' not in result.stdout


@pytest.mark.parametrize('folder', PACKAGES)
def test_the_bare_name_is_refused(folder: str):
  result = run('-c', f'import {folder}', cwd=ROOT)
  assert result.returncode != 0
  assert f'import this package as ul2_flan.{folder}' in result.stderr
