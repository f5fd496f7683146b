"""How a stage gets its first parameters: from another run's checkpoint.

T5X can restore such a checkpoint itself, but where the state of the data set is
saved with checkpoints it loads the other run's into this one's pipeline, and
fails. Here the checkpoint is read when T5X asks for parameters "from scratch",
that is, once, where nothing of this run is there to go on from. No state of a
data set is looked for, so checkpoints with one, without one, and those of T5X's
older format are all the same.
"""

from __future__ import annotations

import copy
from typing import Any

import jax
from t5x import train_state as train_state_lib
from t5x import utils
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import steps


class Initializer(utils.TrainStateInitializer):
  """Initial parameters and optimizer state, at random or from a checkpoint."""

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
      optimizer_state: 'keep', as Flan-T5 was trained: its checkpoints count on
        from those it started from. Or 'reset': parameters only, slots anew, and
        steps from 0.
      dtype: parameters are cast to it.
    """
    super().__init__(*args, **kwargs)
    steps.start_step(checkpoint, optimizer_state)
    if checkpoint and not tf.io.gfile.isdir(checkpoint):
      raise UserError(_missing(checkpoint))
    self._checkpoint = steps.absolute(checkpoint) if checkpoint else None
    self._optimizer_state = optimizer_state
    self._dtype = dtype

  def from_scratch(self, init_rng: jax.Array) -> train_state_lib.TrainState:
    """What the first step starts from."""
    if not self._checkpoint:
      return super().from_scratch(init_rng)
    # What the checkpoint does not give does come from scratch.
    plain = copy.copy(self)
    plain._checkpoint = None
    reset: dict[str, Any] = {}
    if self._optimizer_state == 'reset':
      # Slots and step.
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
  folder = checkpoint.rstrip('/').rsplit('/', 1)[0]
  found = sorted(
    step
    for name in (
      tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
    )
    if (step := steps.step_of(name)) is not None
  )
  there = (
    f'there are those of steps {", ".join(map(str, found))}'
    if found
    else 'there is none in that folder'
  )
  return f'no checkpoint {checkpoint}: {there}. Set INITIAL_CHECKPOINT_PATH'
