"""The tests' check of temporary files finds what stays, and only that.

`conftest.py` makes the check at the end of every run.
"""

import os
from pathlib import Path
import subprocess
import sys
import tempfile

import pytest
from support.house.temporary_files import MAY_STAY, left_behind


@pytest.mark.parametrize(
  'name', ['beam-pipeline-tempx', 'tmpxtfds', 'sample-x', '__pycache__']
)
def test_a_folder_that_stays_is_found(name: str, tmp_path: Path):
  (tmp_path / name).mkdir()
  assert left_behind(tmp_path) == [name]
  (tmp_path / name / 'file').touch()
  assert left_behind(tmp_path) == [f'{name}/file']


def test_a_file_stays_only_for_a_reason(tmp_path: Path):
  for name in ('__autograph_generated_filex.py', 'other.py'):
    (tmp_path / name).touch()
  assert left_behind(tmp_path) == ['other.py']
  assert left_behind(tmp_path, {}) == [
    '__autograph_generated_filex.py',
    'other.py',
  ]
  assert all(MAY_STAY.values())


def test_this_process_and_its_children_share_a_folder(tmp_path: Path):
  """It is below pytest's own, which is removed when all is well."""
  folder = Path(tempfile.gettempdir())
  assert folder.parent == tmp_path.parent
  script = 'import tempfile; print(tempfile.gettempdir())'
  done = subprocess.run(
    [sys.executable, '-c', script], capture_output=True, text=True, check=True
  )
  assert done.stdout.strip() == str(folder) == os.environ['TMPDIR']


FORGETS = "import tempfile\ndef test_it(): tempfile.mkdtemp('_forgotten')\n"
TIDIES = 'def test_it(tmp_path): (tmp_path / "file").touch()\n'


@pytest.mark.parametrize('test', [FORGETS, TIDIES], ids=['forgets', 'tidies'])
def test_a_run_of_tests_leaves_nothing_or_fails(tmp_path: Path, test: str):
  ours = Path(__file__).parent
  folder = tmp_path / 'tests'
  folder.mkdir()
  (folder / 'conftest.py').symlink_to(ours / 'conftest.py')
  (folder / 'some_test.py').write_text(test)
  system = tmp_path / 'system'
  system.mkdir()
  done = subprocess.run(
    [
      *(sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider'),
      *('-c', ours.parent / 'pytest.ini', '--rootdir', tmp_path),
      *('-o', f'pythonpath={ours}', folder),
    ],
    env={**os.environ, 'TMPDIR': str(system)},
    capture_output=True,
    text=True,
  )
  if test == FORGETS:
    assert done.returncode == 1
    assert '_forgotten' in done.stdout.split('where nobody removes it: ')[1]
  else:
    assert done.returncode == 0, done.stdout
    assert [*system.iterdir()] == []
