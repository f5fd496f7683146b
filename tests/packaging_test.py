"""The lock is sound, and the built packages hold all that a worker needs."""

from importlib import metadata
from pathlib import Path
import re
import subprocess
import sys
import tarfile
import zipfile

from packaging.requirements import Requirement
import pytest
from support.house.modules import PACKAGES, ROOT

LOCK = (ROOT / 'requirements.lock').read_text()
LOCKED = dict(re.findall(r'^([\w.-]+)==([\w.+!]+)', LOCK, re.MULTILINE))
SOURCES = [
  f'{path.relative_to(ROOT)}'
  for folder in PACKAGES
  for pattern in (
    *('*.py', '*.toml', '*.tsv', '*.gin', '*.html', '*.css', 'py.typed'),
  )
  for path in (ROOT / folder).rglob(pattern)
]


@pytest.mark.parametrize(
  ('package', 'distribution', 'rival'),
  [
    ('seqio', 'seqio', 'seqio-nightly'),
    ('tensorflow_datasets', 'tensorflow-datasets', 'tfds-nightly'),
  ],
)
def test_one_provider(package: str, distribution: str, rival: str):
  assert distribution in LOCKED
  assert rival not in LOCK
  assert set(metadata.packages_distributions()[package]) == {distribution}


def test_lock_holds_names_versions_and_hashes_alone():
  line = re.compile(
    r'[\w.-]+==[\w.+!]+( ; [^\\:/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?'
  )
  assert [row for row in LOCK.splitlines() if not line.fullmatch(row)] == []


def test_lock_is_what_setup_asks_for():
  for text in metadata.requires('ul2-flan') or []:
    requirement = Requirement(text)
    if requirement.marker is None or requirement.marker.evaluate(
      {'extra': 'dev'}
    ):
      assert LOCKED[requirement.name] in requirement.specifier, text


def build(source: Path, *command: str) -> Path:
  """Runs setup.py as Beam does, without isolation; returns the package."""
  subprocess.run(
    [sys.executable, 'setup.py', '--quiet', *command, '--dist-dir', 'out'],
    cwd=source,
    check=True,
    capture_output=True,
  )
  (made,) = (source / 'out').iterdir()
  return made


def test_sdist_holds_code_and_data_but_no_pyproject(sdist: Path):
  with tarfile.open(sdist) as archive:
    names = {name.partition('/')[2] for name in archive.getnames()}
  assert 'pyproject.toml' not in names
  assert set(SOURCES) <= names
  assert any(name.endswith('.toml') for name in names)
  assert not any(name.startswith('tests/') for name in names)


def test_wheel_from_the_sdist_holds_code_and_data(sdist: Path, tmp_path: Path):
  with tarfile.open(sdist) as archive:
    archive.extractall(tmp_path, filter='data')
  (source,) = tmp_path.iterdir()
  with zipfile.ZipFile(build(source, 'bdist_wheel')) as wheel:
    names = set(wheel.namelist())
  assert {f'ul2_flan/{name}' for name in SOURCES} <= names
  assert {name.split('/')[0] for name in names} == {
    'ul2_flan',
    'ul2_flan-0.1.0.dist-info',
  }
