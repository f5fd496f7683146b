"""Gives a stage its first parameters: those of another run's checkpoint.

T5X can restore such a checkpoint itself. But if checkpoints also hold the state
of the data set, as ours do, it loads the state of the other run's data set into
this run's pipeline, and fails. So we read the checkpoint when T5X asks for
parameters "from scratch": once, if there is no checkpoint of this run to go on
from. We look for no state of a data set. So it does not matter whether a
checkpoint has one, nor whether it is of T5X's older format.
"""

from __future__ import annotations

import copy
from typing import Any

import jax
from t5x import train_state as train_state_lib
from t5x import utils
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import record, steps


class Initializer(utils.TrainStateInitializer):
  """Makes parameters and optimizer state, at random or from a checkpoint."""

  def __init__(
    self,
    *args: Any,
    checkpoint: str | None = None,
    optimizer_state: str = 'keep',
    dtype: str | None = 'float32',
    **kwargs: Any,
  ):
    """Reads nothing yet.

    Args:
      checkpoint: path of `checkpoint_<step>`, or None for random parameters.
      optimizer_state: 'keep', as Flan-T5 was trained: its steps count on from
        those of T5. Or 'reset': take only the parameters, with new slots, and
        count steps from 0.
      dtype: that parameters are cast to.

    Raises:
      UserError: there is no such checkpoint; the message has those that are in
        the folder.
    """
    super().__init__(*args, **kwargs)
    steps.start_step(checkpoint, optimizer_state)
    if checkpoint and not tf.io.gfile.isdir(checkpoint):
      raise UserError(_missing(checkpoint))
    self._checkpoint = steps.absolute(checkpoint) if checkpoint else None
    self._optimizer_state = optimizer_state
    self._dtype = dtype

  def from_scratch(self, init_rng: jax.Array) -> train_state_lib.TrainState:
    """Returns the state that the first step starts from."""
    if not self._checkpoint:
      return super().from_scratch(init_rng)
    # For what the checkpoint lacks, T5X asks its initializer: one without a
    # checkpoint, or it would end up here again.
    plain = copy.copy(self)
    plain._checkpoint = None
    reset: dict[str, Any] = {}
    if self._optimizer_state == 'reset':
      # T5X's way to restore parameters without `state`: slots and step.
      reset = {
        'assignment_map': (('state.*', None),),
        'fallback_to_scratch': True,
      }
    state, manager = utils.create_checkpoint_manager_and_restore(
      plain,
      self._partitioner,
      utils.RestoreCheckpointConfig(
        path=self._checkpoint, mode='specific', dtype=self._dtype, **reset
      ),
      self._checkpoint,
      init_rng,
      use_orbax=True,
    )
    manager.close()
    return state


def _missing(checkpoint: str) -> str:
  """Returns the message that a checkpoint is not there, but others may be."""
  folder = checkpoint.rstrip('/').rsplit('/', 1)[0]
  known = record.steps_in(folder)
  there = (
    f'there are those of steps {", ".join(map(str, known))}'
    if known
    else 'there is none in that folder'
  )
  return f'no checkpoint {checkpoint}: {there}. Set INITIAL_CHECKPOINT_PATH'
