"""The styles of options and turns that each example of a block draws."""

from __future__ import annotations

import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog_styles
from ul2_flan.tasks.rendering.styles.option_styles import (
  DrawnOptionStyles,
  draw_styles,
)
from ul2_flan.tasks.seeding import below, draw, stream


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnStyles:
  """What was drawn for each of n examples; it holds for its exemplars too.

  Attributes:
    options: styles of options; None if no example shows any.
    dialog: int64 [n], indices into `dialog_styles.styles()`; 0 if the instances
      have no turns.
  """

  options: DrawnOptionStyles | None
  dialog: Int64s

  @classmethod
  def draw(
    cls, instances: Instances, *, seed: int, purpose: str, options: bool = True
  ) -> DrawnStyles:
    """Draws styles for each instance, by its key.

    Args:
      instances: n instances.
      seed: the run's.
      purpose: the task and the setting; draws for two purposes are independent.
      options: whether options are shown, where instances have any.
    """
    of_options = None
    if options and 'options' in instances.columns:
      of_options = draw_styles(
        stream(seed, f'{purpose}/options', instances.keys),
        instances.columns['options'],
      )
    dialog = np.zeros(len(instances), np.int64)
    if 'dialog' in instances.columns:
      bits = draw(stream(seed, f'{purpose}/dialog', instances.keys), 0)
      dialog = below(bits, len(dialog_styles.styles()))
    return cls(of_options, dialog)

  def without_calls(self, chosen: Bools) -> DrawnStyles:
    """Returns styles of which those that are chosen, bool [n], do not ask.

    That is, no words above or below options ask to choose among them.
    """
    if self.options is None:
      return self
    return dataclasses.replace(self, options=self.options.without_calls(chosen))
