"""Takes packed sequences apart: the examples that share one."""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import Int64s


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
  """An example in a packed sequence, with EOS as it is there.

  Attributes:
    inputs: int64, its token ids; none for 'lm', where nothing tells inputs
      from targets.
    targets: int64, likewise.
  """

  inputs: Int64s
  targets: Int64s

  @property
  def sides(self) -> Mapping[str, Int64s]:
    """Both, by name."""
    return {'inputs': self.inputs, 'targets': self.targets}


def unpack(sequence: Mapping[str, Any]) -> Iterator[Packed]:
  """Yields the examples of a packed sequence, in their order.

  Args:
    sequence: its features, as `mix.packing` lays them out.

  >>> sequence = {
  ...   'inputs': [5, 1, 6, 1], 'inputs_segment_ids': [1, 1, 2, 2],
  ...   'targets': [7, 1, 8, 1], 'targets_segment_ids': [1, 1, 2, 2]}
  >>> [p.targets.tolist() for p in unpack(sequence)]
  [[7, 1], [8, 1]]
  """
  arrays = {name: np.asarray(value) for name, value in sequence.items()}
  if 'inputs_segment_ids' in arrays:
    count = int(arrays['targets_segment_ids'].max(initial=0))
    for k in range(1, count + 1):
      sides = (
        arrays[side][arrays[f'{side}_segment_ids'] == k]
        for side in ('inputs', 'targets')
      )
      yield Packed(*sides)
    return
  tokens, segments = (
    arrays[f'decoder_{name}'] for name in ('target_tokens', 'segment_ids')
  )
  # A prefix LM has no loss on inputs, so its weights tell them.
  weights = arrays['decoder_loss_weights']
  for k in range(1, int(segments.max(initial=0)) + 1):
    ours, of_targets = tokens[segments == k], weights[segments == k] > 0
    yield Packed(ours[~of_targets], ours[of_targets])
