"""Keeps our commands from threads that wait for matrices to multiply.

OpenBLAS, which comes in NumPy's wheels, starts a thread for each core as soon
as NumPy is imported. Such a thread spins before it sleeps: on two cores that
costs a tenth of a CPU second. No command of ours multiplies large matrices. A
program that imports us may, so it keeps its threads.
"""

from collections.abc import Sequence
import itertools
import os
from pathlib import Path
import sys

# OpenBLAS reads it when it is loaded.
VARIABLE = 'OPENBLAS_NUM_THREADS'

# Whose modules people run. Those of `trainer_plugin` may compute.
_PACKAGES = ('ul2_flan.tasks', 'ul2_flan.mixtures', 'ul2_flan.pipelines')


def is_command(typed: Sequence[str], name: str) -> bool:
  """Whether a process is a command of ours.

  Args:
    typed: its whole command line, as in `sys.orig_argv`.
    name: what it calls itself, as in `sys.argv[0]`.

  >>> is_command(['python', '-m', 'ul2_flan.pipelines.ul2', '--help'], '-m')
  True
  >>> is_command(['python', '/usr/bin/ul2-flan', 'ul2'], '/usr/bin/ul2-flan')
  True
  >>> is_command(['python', 'train.py'], 'train.py')
  False
  """
  return Path(name).stem == 'ul2-flan' or any(
    option == '-m' and module.startswith(_PACKAGES)
    for option, module in itertools.pairwise(typed)
  )


def ask_for_one() -> None:
  """Asks OpenBLAS for one thread, in a command for which nobody asked else."""
  if is_command(sys.orig_argv, sys.argv[0] if sys.argv else ''):
    os.environ.setdefault(VARIABLE, '1')
