"""Checkpoints' paths, and where a stage starts and ends, in absolute steps.

A checkpoint's name has its step. T5X counts on from there, also in its learning
rates, and its own relative count starts anew with every restart.
"""

from __future__ import annotations

import os
import re

from ul2_flan.tasks.errors import UserError, unknown

OPTIMIZER_STATES = ('keep', 'reset')


def start_step(checkpoint: str | None, optimizer_state: str = 'keep') -> int:
  """The step that a stage starts at.

  Args:
    checkpoint: a path that ends in `checkpoint_<step>`; None to start from
      random parameters.
    optimizer_state: 'keep' to go on from the checkpoint's step, 'reset' to
      count from 0.

  >>> start_step('gs://bucket/t5_1_1_small/checkpoint_1100000')
  1100000
  >>> start_step('gs://bucket/t5_1_1_small/checkpoint_1100000', 'reset')
  0
  """
  if optimizer_state not in OPTIMIZER_STATES:
    raise unknown('optimizer state', optimizer_state, OPTIMIZER_STATES)
  if not checkpoint:
    return 0
  step = step_of(checkpoint)
  if step is None:
    raise UserError(
      f"'{checkpoint}' is not a checkpoint of T5X: its last part must be "
      'checkpoint_<step>. Give one of those in the folder'
    )
  return step if optimizer_state == 'keep' else 0


def last_step(
  steps: int, checkpoint: str | None, optimizer_state: str = 'keep'
) -> int:
  """The step that a stage of `steps` steps ends at: T5X's `total_steps`.

  >>> last_step(98_000, '/models/checkpoint_1100000')
  1198000
  """
  return start_step(checkpoint, optimizer_state) + steps


def step_of(path: str) -> int | None:
  """The step in a checkpoint's name, or None where there is none.

  >>> step_of('checkpoint_20000/'), step_of('checkpoint_1.orbax-tmp-7')
  (20000, None)
  """
  found = re.fullmatch(r'checkpoint_(\d+)', path.rstrip('/').split('/')[-1])
  return int(found[1]) if found else None


def absolute(path: str) -> str:
  """A path as T5X wants it: Orbax refuses a folder relative to the current one.

  >>> absolute('gs://b/runs/'), absolute('/runs/../models')
  ('gs://b/runs', '/models')
  """
  return path.rstrip('/') if '://' in path else os.path.abspath(path)
