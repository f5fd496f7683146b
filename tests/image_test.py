"""The workers' image and package: what can be tested without Docker."""

from collections.abc import Iterator
import fnmatch
from importlib import metadata
from pathlib import Path
import re
import subprocess
import sys
import tarfile

from packaging.requirements import Requirement
import pytest
from support.house.modules import ROOT

DOCKERFILE = (ROOT / 'Dockerfile').read_text()
LOCK = (ROOT / 'requirements.lock').read_text()
LOCKED = dict(re.findall(r'^([\w.-]+)==([\w.+!]+)', LOCK, re.MULTILINE))

# The instructions; a backslash at the end of a line joins it to the next.
INSTRUCTIONS = [
  tuple(line.split(maxsplit=1))
  for line in re.sub(r'\\\n|^#.*\n', '', DOCKERFILE, flags=re.M).splitlines()
  if line.strip()
]


def of(name: str) -> list[str]:
  return [text for kind, text in INSTRUCTIONS if kind == name]


def copied() -> Iterator[str]:
  for text in of('COPY'):
    if not text.startswith('--from'):
      yield from text.split()[:-1]


def test_beam_in_the_image_is_that_of_the_lock():
  assert f'/beam_python3.11_sdk:{LOCKED["apache-beam"]} AS' in DOCKERFILE


def test_python_is_the_same_everywhere_and_one_that_setup_takes():
  # All images that are named; the last is made from one of these.
  named = [
    f for f in of('FROM') if f.split()[0] not in ('${LAUNCHER}', 'worker')
  ]
  versions = [re.match(r'\S*python:?(3\.\d+)', text) for text in named]
  assert {v and v[1] for v in versions} == {'3.11'}
  assert 'Python 3.11' in DOCKERFILE  # which the launcher is to have
  assert "python_requires='>=3.11'" in (ROOT / 'setup.py').read_text()


def test_what_is_copied_is_there_and_not_ignored():
  ignored, *kept = [
    line
    for line in (ROOT / '.dockerignore').read_text().splitlines()
    if line and not line.startswith('#')
  ]
  assert ignored == '*'
  for path in copied():
    assert (ROOT / path).exists()
    assert any(
      fnmatch.fnmatch(path, f'{rule[1:]}*') for rule in kept if rule[0] == '!'
    )


def test_the_package_that_is_copied_is_whole():
  """The image has every package of ours that its modules import."""
  folders = {p for p in copied() if (ROOT / p).is_dir()}
  imported = {
    name
    for folder in folders
    for path in (ROOT / folder).rglob('*.py')
    for name in re.findall(r'(?:from|import) ul2_flan\.(\w+)', path.read_text())
  }
  assert imported <= folders
  assert 'trainer_plugin' not in folders


def test_the_image_starts_what_beam_and_templates_expect():
  assert of('ENTRYPOINT') == ['["/opt/apache/beam/boot"]']
  (variable,) = of('ENV')
  name, _, path = variable.partition('=')
  assert name == 'FLEX_TEMPLATE_PYTHON_PY_FILE'
  assert any(text.split()[-1] == path for text in of('COPY'))


def closure(requirement: str) -> set[str]:
  """Names a distribution and all that it requires, as installed here."""
  found: set[tuple[str, str]] = set()
  waiting = [Requirement(requirement)]
  while waiting:
    wanted = waiting.pop()
    for extra in {'', *wanted.extras}:
      key = (canonical(wanted.name), extra)
      if key in found:
        continue
      found.add(key)
      for text in metadata.requires(wanted.name) or []:
        other = Requirement(text)
        if not other.marker or other.marker.evaluate({'extra': extra}):
          waiting.append(other)
  return {name for name, _ in found}


def canonical(name: str) -> str:
  return re.sub(r'[-_.]+', '-', name).lower()


def test_the_lock_has_all_that_workers_need_and_no_tensorflow():
  if 'google-cloud-storage' not in LOCKED:
    pytest.skip('needs a lock with apache-beam[gcp]')
  needed = closure('ul2-flan[gcp,tokenizers]') - {'ul2-flan'}
  assert needed <= {canonical(name) for name in LOCKED}
  assert {'apache-beam', 'google-cloud-storage', 'sentencepiece'} <= needed
  assert not needed & {'tensorflow', 'seqio', 'tensorflow-datasets', 't5'}


IMPORT_ALL = """
import importlib, pkgutil, sys
from ul2_flan import mixtures, pipelines, tasks
assert all('site' in p.__path__[0] for p in (mixtures, pipelines, tasks))
training = {'register', 'registered', 'registration', 'preprocessors'}
for package in (tasks, mixtures, pipelines):
  for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):
    parts = {*module.name.split('.')}
    # Neither what training imports, nor the client that [aws] installs.
    if not parts & {*training, '__main__', 's3'}:
      importlib.import_module(module.name)
from ul2_flan.tasks import catalog, denoising
print(len(list(catalog.tasks())), len(denoising.presets()))
for name in ('tensorflow', 'seqio', 't5', 'ruff', 'pytest'):
  assert importlib.util.find_spec(name) is None, name
"""


def test_what_beam_stages_installs_and_imports_on_a_bare_worker(
  sdist: Path, tmp_path: Path
):
  """The container runs `pip install` on it, and has no index to ask."""
  with tarfile.open(sdist) as archive:
    assert not any('pyproject' in name for name in archive.getnames())
  site = tmp_path / 'site'
  pip = [sys.executable, '-m', 'pip', 'install', '--quiet', '--no-index']
  pip += ['--no-deps', '--no-build-isolation', '--disable-pip-version-check']
  subprocess.run([*pip, '--target', site, sdist], check=True)
  # A worker has what setup.py asks for, and nothing of training or tests.
  for name in closure('ul2-flan') - {'ul2-flan'}:
    for top in tops(metadata.distribution(name)):
      link = site / top.name
      if not link.exists():
        link.symlink_to(top)
  done = subprocess.run(
    [sys.executable, '-S', '-c', IMPORT_ALL],
    env={'PYTHONPATH': str(site)},
    cwd=tmp_path,
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stderr
  tasks, presets = map(int, done.stdout.split())
  assert tasks >= 1836
  assert presets >= 4


def tops(distribution: metadata.Distribution) -> set[Path]:
  """The top files and folders of an installed distribution."""
  base = Path(str(distribution.locate_file('')))
  return {
    base / file.parts[0]
    for file in distribution.files or ()
    if file.parts[0] not in ('..', '__pycache__')
  }
