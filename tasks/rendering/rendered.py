"""Examples as text: what rendering returns."""

from collections.abc import Mapping, Sequence
import dataclasses
from types import MappingProxyType
from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import Int64s

# What may be drawn for an example. 'exemplars' are their keys.
DRAWS = ('template', 'options', 'dialog', 'layout', 'exemplars')


@dataclasses.dataclass(frozen=True, slots=True)
class Rendered:
  """The m examples made of a block of instances.

  Attributes:
    index: int64 [m], the instance that each example was made of, ascending.
    inputs: m texts.
    targets: m texts.
    rejects: reason to the indices of the instances of which no example was
      made.
    draws: what was drawn for each example, if that was asked for: `DRAWS`,
      'exemplar_count', 'parts' (of the inputs), each with m values.
  """

  index: Int64s
  inputs: list[str]
  targets: list[str]
  rejects: Mapping[str, list[int]] = dataclasses.field(default_factory=dict)
  draws: Mapping[str, list[Any]] = dataclasses.field(default_factory=dict)

  def __len__(self) -> int:
    return len(self.inputs)


def merge(
  parts: Sequence[tuple[Int64s, Rendered]],
  others: Mapping[str, list[int]] = MappingProxyType({}),
) -> Rendered:
  """Returns the examples of parts of a block, in the order of its instances.

  Args:
    parts: pairs of some instances' indices in the block and their examples,
      which count them from 0.
    others: reasons to the indices of the instances that are in none of them.
  """
  # The place in the block, inputs, target, and draws by name.
  examples: list[tuple[int, str, str, dict[str, Any]]] = []
  rejects: dict[str, list[int]] = {k: [*v] for k, v in others.items()}
  names = {name for _, part in parts for name in part.draws}
  for indices, part in parts:
    for j, i in enumerate(indices[part.index].tolist()):
      drawn = {n: part.draws[n][j] for n in names if n in part.draws}
      examples.append((i, part.inputs[j], part.targets[j], drawn))
    for reason, rejected in part.rejects.items():
      rejects.setdefault(reason, []).extend(indices[rejected].tolist())
  examples.sort(key=lambda example: example[0])
  return Rendered(
    np.array([i for i, *_ in examples], np.int64),
    [inputs for _, inputs, _, _ in examples],
    [targets for _, _, targets, _ in examples],
    {reason: sorted(rejected) for reason, rejected in rejects.items()},
    {n: [drawn.get(n) for *_, drawn in examples] for n in sorted(names)},
  )
