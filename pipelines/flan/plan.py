"""Plans a Flan run: finds the tasks' files and divides the work."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.flan import estimate, find_tasks
from ul2_flan.pipelines.flan.config import FlanConfig
from ul2_flan.pipelines.flan.encode import PROVENANCE
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.plan import Group, Part, Plan
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.task_sources import Located
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import evaluation_of
from ul2_flan.tasks.rendering import Renderer, Setting, load_family
from ul2_flan.tasks.rendering.sheet import samples
from ul2_flan.tasks.vocabulary import Vocabulary

# Source bytes of a work item that are rendered: some seconds of work for each
# setting. A task costs as much as this beside its rows: files and set-up.
_ITEM_BYTES = 16 << 20
_TASK_BYTES = 64 << 10

# A row of most tasks is larger; only the division of large tasks depends on it.
_ROW_BYTES = 300


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
  """A plan, and what it goes without.

  Attributes:
    plan: the plan.
    missing: names of tasks that are wanted and are not in it, and why not.
    unread: names of tasks to the paths of their files: of several of the same
      name the first, which is read, and the others.
  """

  plan: Plan
  missing: Mapping[str, str]
  unread: Mapping[str, tuple[str, ...]]


def make_plan(config: FlanConfig) -> Planned:
  """Plans a run: lists the sources and reads a sample.

  Raises:
    UserError: anything that can be known to be wrong before work starts.
  """
  vocabulary = vocabularies.load(config.vocabulary, config.extra_ids)
  found, known, missing = find_tasks.find(config)
  if not found:
    raise find_tasks.nothing_found(config, missing)
  parts: list[Part] = []
  groups: dict[str, Group] = {}
  evaluations: dict[str, str] = {}
  for task, located in found:
    data_sets = _data_sets(task, config)
    if not data_sets:
      missing[task.name] = f'no wording for {", ".join(config.settings)}'
      del known[task.name]
      continue
    for data_set in data_sets:
      setting = Setting.parse(data_set.rsplit(':', 1)[1])
      evaluations[data_set] = evaluation_of(task, setting)
    own = _divide(task, located, config)
    parts += own
    groups[task.name] = Group(
      data_sets,
      parts=len(own),
      shards=sum(part.num_shards for part in own),
      # Each part writes one of its own.
      validation_shards=len(own) if _has_validation(located, config) else 0,
    )
  plan = Plan(
    job='flan',
    config=config.as_written(vocabulary, known),
    items=plan_lib.items_of(parts, _ITEM_BYTES, _TASK_BYTES),
    groups=groups,
    estimate={},
    manifest=_known_manifest(config, vocabulary, evaluations),
  )
  plan = dataclasses.replace(plan, estimate=estimate.estimate(plan))
  unread = {
    task.name: (located.splits['train'][0].path, *located.unread)
    for task, located in found
    if located.unread and task.name in groups
  }
  return Planned(plan, missing, unread)


def _has_validation(located: Located, config: FlanConfig) -> bool:
  return bool(located.splits.get('validation') or config.validation_fraction)


def _data_sets(task: Task, config: FlanConfig) -> tuple[str, ...]:
  """A data set for each setting that the task's family has wordings for."""
  names = []
  for name in config.settings:
    setting = Setting.parse(name)
    renderer = Renderer.of(
      task, setting, own_templates=config.templates, seed=config.seed
    )
    rows, pool = samples(task, load_family(task.family))
    try:
      renderer.forms(rows, pool)
    except UserError:
      continue
    names.append(f'{config.name}:{task.name}:{name}')
  return tuple(names)


def _divide(task: Task, located: Located, config: FlanConfig) -> list[Part]:
  """A task's parts: one, unless much of it is rendered."""
  pieces: list[Piece] = [
    dataclasses.replace(piece, split=split)
    for split in ('train', 'validation')
    for piece in located.splits.get(split, ())
  ]
  size = sum(piece.size for piece in pieces)
  rows = task.examples or size / _ROW_BYTES
  cap = task.cap if config.cap is None else config.cap
  rendered = size * min(1.0, cap / rows) if cap else size
  part_bytes = float('inf')
  if rendered > _ITEM_BYTES:
    part_bytes = _ITEM_BYTES * size / rendered
  # Exemplars make an example some times as long as its row.
  return plan_lib.divide(
    task.name,
    pieces,
    part_bytes,
    3 * rendered / max(size, 1) / config.shard_bytes,
  )


def _known_manifest(
  config: FlanConfig, vocabulary: Vocabulary, evaluations: Mapping[str, str]
) -> dict[str, Any]:
  features: dict[str, dict[str, Any]] = {
    'inputs': {
      'dtype': 'int32',
      'length': config.inputs_length,
      'add_eos': not config.decoder_only,
    },
    'targets': {
      'dtype': 'int32',
      'length': config.targets_length,
      'add_eos': True,
    },
  }
  if config.keep_text:
    for name in ('inputs', 'targets'):
      features[f'{name}_pretokenized'] = {'dtype': 'string'}
  if config.provenance:
    for name in PROVENANCE:
      features[f'provenance/{name}'] = {'dtype': 'string'}
  return {
    'name': config.name,
    'features': features,
    'vocabulary': {
      **vocabularies.described(vocabulary, config.vocabulary),
      'size': vocabulary.size,
    },
    # Both sides keep to their own lengths.
    'decoder_only': False,
    'run': {'evaluation': dict(evaluations)},
  }
