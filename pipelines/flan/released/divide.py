"""Divides the work of a run that reads a dump into items of two steps."""

from collections.abc import Mapping, Sequence
import dataclasses
import math

from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.flan.context import cap_of
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.found import Released
from ul2_flan.pipelines.run import Group, Part, WorkItem, checks, division
from ul2_flan.tasks.catalog import Task, released
from ul2_flan.tasks.evaluation import evaluation_of
from ul2_flan.tasks.rendering import Setting

# Text of a work item of the second step: a minute of encoding, and what it may
# hold of compressed rows. Larger than where tasks are read from their own
# files, as each item asks every routed file for its share.
ITEM_BYTES = 64 << 20
_TASK_BYTES = 64 << 10  # as in `planning`


@dataclasses.dataclass(frozen=True, slots=True)
class OfDumps:
  """The part of a plan that reads dumps.

  Attributes:
    items: all work items of the plan, numbered: first those that route.
    groups: of the tasks, and of what routes.
    evaluations: by data set, how its answers are scored.
  """

  items: tuple[WorkItem, ...]
  groups: Mapping[str, Group]
  evaluations: Mapping[str, str]


def planned(
  found: Released, config: Config, others: Sequence[WorkItem]
) -> OfDumps:
  """Divides the work on dumps.

  Args:
    found: the dumps, and the tasks wanted of them.
    config: the run's.
    others: work items on other sources.
  """
  most = config.read_options.piece_bytes
  runs = division.runs_of(
    found.dump.pieces, lambda unit: sum(piece.size for piece in unit), most
  )
  routing = [
    Part(SUITE, i, tuple(piece for unit in run for piece in unit), 0, 0)
    for i, run in enumerate(runs)
  ]
  groups = {SUITE: Group((), len(routing), 0, 0)}
  evaluations, making = {}, []
  for name, settings in found.settings.items():
    task = released.load(name)
    assert task  # it was found in the same table
    data_sets = [f'{config.name}:{name}:{setting}' for setting in settings]
    for data_set, setting in zip(data_sets, settings, strict=True):
      scored = evaluation_of(task.as_flan(), Setting.parse(setting))
      evaluations[data_set] = scored
    groups[name], parts = _divide(task, data_sets, found, config)
    making += parts
  items = [
    *([part] for part in routing),
    *(item.parts for item in others),
    *(
      item.parts for item in division.items_of(making, ITEM_BYTES, _TASK_BYTES)
    ),
  ]
  numbered = (WorkItem(i, tuple(parts)) for i, parts in enumerate(items))
  return OfDumps(tuple(numbered), groups, evaluations)


def _divide(
  task: Task, data_sets: Sequence[str], found: Released, config: Config
) -> tuple[Group, list[Part]]:
  """Divides a task into parts of the second step, by what a sample says."""
  cap = cap_of(task, config.cap, config.as_released)
  rows = [found.dump.rows[d.partition(':')[2]] for d in data_sets]
  kept = [min(n, cap) if cap else n for n in rows]
  row_bytes = found.dump.text_bytes
  size = math.ceil(sum(kept) * row_bytes)
  count = max(1, -(-size // ITEM_BYTES))
  shard_bytes = checks.shard_bytes(config.shard_mb)
  each = max(1, math.ceil(max(kept) * row_bytes / shard_bytes / count))
  parts = [
    Part(task.name, i, (), i * each, each, expected=size // count)
    for i in range(count)
  ]
  held_out = count if config.validation_fraction else 0
  return Group(tuple(data_sets), count, count * each, held_out), parts
