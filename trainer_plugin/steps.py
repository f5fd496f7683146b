"""Reads steps from names of checkpoints: where a stage starts and ends.

A checkpoint's name ends with its step, and T5X counts on from there, also in
its learning rates. So the steps of a stage are absolute here; T5X also has
relative ones, but they would start anew with every restart.
"""

from __future__ import annotations

import os
import re

from ul2_flan.tasks.errors import UserError, unknown

OPTIMIZER_STATES = ('keep', 'reset')


def start_step(checkpoint: str | None, optimizer_state: str = 'keep') -> int:
  """Returns the step that a stage starts at.

  >>> start_step('gs://bucket/t5_1_1_small/checkpoint_1100000')
  1100000
  >>> start_step('gs://bucket/t5_1_1_small/checkpoint_1100000', 'reset')
  0

  Args:
    checkpoint: a path that ends in `checkpoint_<step>`; None to start from
      random parameters.
    optimizer_state: 'keep' to count on from the checkpoint's step, 'reset' to
      count from 0.

  Raises:
    UserError: the path has no step, or there is no such optimizer state.
  """
  if optimizer_state not in OPTIMIZER_STATES:
    raise unknown('optimizer state', optimizer_state, OPTIMIZER_STATES)
  if not checkpoint:
    return 0
  step = step_of(checkpoint)
  if step is None:
    raise UserError(
      f"'{checkpoint}' is not a checkpoint of T5X: the last part of its path "
      'must be checkpoint_<step>. Give one of those in the folder'
    )
  return step if optimizer_state == 'keep' else 0


def last_step(
  steps: int, checkpoint: str | None, optimizer_state: str = 'keep'
) -> int:
  """Returns the last of a stage's steps, which T5X calls `total_steps`.

  >>> last_step(98_000, '/models/checkpoint_1100000')
  1198000
  """
  return start_step(checkpoint, optimizer_state) + steps


def step_of(path: str) -> int | None:
  """Returns the step in a checkpoint's name, or None if it is no such name.

  >>> step_of('checkpoint_20000/'), step_of('checkpoint_1.orbax-tmp-7')
  (20000, None)
  """
  match = re.fullmatch(r'checkpoint_(\d+)', path.rstrip('/').split('/')[-1])
  return int(match[1]) if match else None


def absolute(path: str) -> str:
  """Makes a path absolute: Orbax takes no other.

  >>> absolute('gs://b/runs/'), absolute('/runs/../models')
  ('gs://b/runs', '/models')
  """
  return path.rstrip('/') if '://' in path else os.path.abspath(path)
