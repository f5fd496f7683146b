"""Commands do without OpenBLAS's threads; programs that import us keep them."""

import os
import subprocess
import sys

import pytest

from ul2_flan.tasks import one_thread

# Stands for a process of that command line, up to NumPy's import.
_PROGRAM = """
import os, sys
sys.orig_argv, sys.argv = {typed!r}, {argv!r}
import ul2_flan.{package}
print(os.environ.get('OPENBLAS_NUM_THREADS'), 'numpy' in sys.modules)
"""


def variable(typed: list[str], argv: list[str], package: str, **given: str):
  program = _PROGRAM.format(typed=typed, argv=argv, package=package)
  environment = {
    k: v for k, v in os.environ.items() if k != one_thread.VARIABLE
  }
  done = subprocess.run(
    [sys.executable, '-c', program],
    env=environment | given,
    capture_output=True,
    text=True,
    check=True,
  )
  value, imported = done.stdout.split()
  # The variable must come first.
  assert imported == 'False'
  return value


@pytest.mark.parametrize('package', ['tasks', 'mixtures', 'pipelines'])
def test_a_command_asks_for_one_thread(package: str):
  typed = ['python', '-u', '-m', f'ul2_flan.{package}.x', '--flag']
  assert variable(typed, ['-m', '--flag'], package) == '1'


def test_the_script_does_too():
  argv = ['/usr/bin/ul2-flan', 'ul2']
  assert variable(['/usr/bin/python', *argv], argv, 'pipelines') == '1'


def test_what_the_user_asks_for_counts():
  typed = ['python', '-m', 'ul2_flan.pipelines']
  given = {one_thread.VARIABLE: '3'}
  assert variable(typed, ['-m'], 'pipelines', **given) == '3'


@pytest.mark.parametrize(
  'typed',
  [
    ['python', 'train.py', '-m', 'ul2'],
    ['python', '-m', 'pytest'],
    ['python', '-m', 'ul2_flan.trainer_plugin.to_hugging_face'],
    ['python', '-c', 'import ul2_flan.pipelines'],
    [],
  ],
)
def test_programs_that_import_us_keep_their_threads(typed: list[str]):
  assert variable(typed, typed[1:], 'pipelines') == 'None'


@pytest.mark.skipif(sys.platform != 'linux', reason='reads /proc')
def test_numpy_starts_no_thread_then():
  program = _PROGRAM.format(
    typed=['python', '-m', 'ul2_flan.tasks'], argv=['-m'], package='tasks'
  )
  program += "import numpy; print(len(os.listdir('/proc/self/task')))"
  done = subprocess.run(
    [sys.executable, '-c', program], capture_output=True, text=True, check=True
  )
  assert done.stdout.splitlines()[-1] == '1'
