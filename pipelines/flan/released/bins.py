"""The bins of a plan: which rows of a dump a part of a work item makes.

A data set has a bin in each part of its task; the key of a row says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.run import Part, Plan
from ul2_flan.tasks.ragged import Int64s


def is_released(plan: Plan, group: str) -> bool:
  """Whether a task's rows come from a dump."""
  return 'released' in plan.config['tasks'].get(group, {})


def has_dump(plan: Plan) -> bool:
  """Whether a plan reads a dump."""
  return SUITE in plan.groups


@dataclasses.dataclass(frozen=True, slots=True)
class Bins:
  """The bins of a plan.

  Attributes:
    item_of: int64 [n], the work item of each bin, ascending.
    of_data_set: `<suite>:<task>:<setting>` to its bins, one for each part.
  """

  item_of: Int64s
  of_data_set: Mapping[str, Sequence[int]]

  @classmethod
  def of(cls, plan: Plan) -> Bins:
    """Numbers the bins of a plan, in the order of its work items."""
    items: list[int] = []
    bins: dict[str, list[int]] = {}
    for item in plan.items:
      for part in item.parts:
        if is_released(plan, part.group):
          for data_set in plan.groups[part.group].data_sets:
            bins.setdefault(without_run(data_set), []).append(len(items))
            items.append(item.index)
    return cls(np.array(items, np.int64), bins)

  def of_part(self, part: Part, data_set: str) -> int:
    """Returns the bin of a data set in a part of its task."""
    return self.of_data_set[without_run(data_set)][part.index]


def without_run(data_set: str) -> str:
  """Returns a data set's name without the run's.

  >>> without_run('flan:cot:gsm8k:zs_opt')
  'cot:gsm8k:zs_opt'
  """
  return data_set.partition(':')[2]
