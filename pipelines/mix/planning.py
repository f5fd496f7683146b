"""Plans a mix run, from the manifests of the runs alone."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import math
from typing import Any

from ul2_flan.mixtures import definition
from ul2_flan.mixtures.listing import summary as outline_of_mixture
from ul2_flan.mixtures.part import Part as MixturePart
from ul2_flan.mixtures.resolve import resolve
from ul2_flan.mixtures.stock import own_tasks
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.features import (
  architecture,
  as_planned,
  check_alike,
  check_keys,
  described,
  joined_features,
  joined_vocabulary,
  packed_shape,
)
from ul2_flan.pipelines.mix.members import (
  PACKED_FACTOR,
  Members,
  SplitSize,
  choose_members,
  sources,
  split_sizes,
)
from ul2_flan.pipelines.mix.packing import PackedShape
from ul2_flan.pipelines.mix.packing import shape as shape_lib
from ul2_flan.pipelines.mix.places import shard_starts
from ul2_flan.pipelines.run import (
  Group,
  Part,
  Plan,
  Planned,
  WorkItem,
  checks,
  tables,
)
from ul2_flan.pipelines.storage import left_out_keys, manifest_of
from ul2_flan.tasks.errors import given_by
from ul2_flan.tasks.manifest import Feature, Manifest, refuse_export
from ul2_flan.tasks.version import VERSION

# Peak memory of FnApiRunner, divided by the bytes that it shuffles: measured as
# 4.7 to 5.1, and some tens of megabytes, for 100 to 300 MB in one, two and four
# passes.
IN_MEMORY_FACTOR = 5

# What a shuffle may take of the memory of a small machine.
_SMALL_MEMORY = 1 << 30


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans a run; reads no example.

  Args:
    config: the run's.
    output: the folder that it will write to.

  Raises:
    UserError: the runs do not go together, or have nothing of the mixture; or
      the output is that of one of them.
  """
  checks.check_output(output, config.outputs)
  with given_by('--manifest'):
    manifests = [manifest_of(folder) for folder in config.outputs]
  for manifest, folder in zip(manifests, config.outputs, strict=True):
    refuse_export(manifest, f'--manifest {folder}')
  check_alike(manifests, packs=bool(config.pack))
  check_keys(config, manifests)
  joined, left_out = joined_features(
    manifests, keep_strings=config.keep_strings
  )
  resolved = resolve(
    _definition(config, manifests),
    manifests,
    include=config.include,
    exclude=config.exclude,
    licence=config.licence,
  )
  members = choose_members(resolved, manifests, config)
  sizes = split_sizes(members, manifests, config)
  shape = packed_shape(config, manifests)
  plan = Plan(
    kind='mix',
    config=_as_written(config, manifests, members, sizes, joined, shape),
    items=_items(config.data_set, sizes),
    groups={config.data_set: _group(config.data_set, sizes)},
    estimate={
      'examples': sum(size.places for size in sizes.values()),
      'bytes': sum(size.bytes for size in sizes.values()),
      **sources(members, manifests, config),
    },
    manifest={
      'name': config.data_set,
      'features': described(joined, shape),
      'vocabulary': joined_vocabulary(manifests),
      **architecture(manifests, shape),
    },
  )
  lines = [*outline_of_mixture(resolved, sizes['train'].places)]
  facts = {} if shape else _left_out(left_out, lines)
  return _told(plan, lines, facts, output)


def _told(
  plan: Plan, lines: Sequence[str], facts: Mapping[str, Any], output: str
) -> Planned:
  """Adds to what is told of a plan what the run shuffles."""
  shuffled = shuffled_bytes(plan)
  told = '\n'.join([*lines, *_shuffle(shuffled)])
  more = {
    'shuffled_bytes': shuffled,
    'shuffled_in_memory_bytes': IN_MEMORY_FACTOR * shuffled,
  }
  return Planned(plan, told, {**facts, **more}, output=output)


def _shuffle(shuffled: int) -> Iterator[str]:
  """Tells what the run shuffles, and which engine needs how much memory."""
  yield (
    f'shuffles about {tables.size(shuffled)}: on disks with the default '
    'engine, Dataflow, Flink and Spark'
  )
  held = IN_MEMORY_FACTOR * shuffled
  passes = math.ceil(held / _SMALL_MEMORY)
  told = (
    "Beam's local runners, such as FnApiRunner, shuffle in memory, about "
    f'{tables.size(held)}'
  )
  if passes > 1:
    told += (
      f'; --passes {passes} makes it {tables.size(held / passes)} at a time'
    )
  yield told


def _definition(config: Config, manifests: Sequence[Manifest]) -> MixturePart:
  """Loads the mixture; a suite of the user's own is one of its name."""
  suites = {task.suite for task in own_tasks(manifests).values()}
  return definition.load(
    config.mixture, config.definitions, '--mixture', suites
  )


def _left_out(names: list[str], lines: list[str]) -> dict[str, list[str]]:
  """Tells people, by a line more, and programs what the mixture lacks."""
  if not names:
    return {}
  lines.append(
    f'without {", ".join(names)}, which not all runs have (--keep_strings '
    'keeps them)'
  )
  return {'features_left_out': names}


def _items(name: str, sizes: Mapping[str, SplitSize]) -> tuple[WorkItem, ...]:
  """Makes a work item for each shard, split by split."""
  items: list[WorkItem] = []
  for size in sizes.values():
    starts = shard_starts(size.bytes, size.shards).tolist()
    for shard in range(size.shards):
      expected = starts[shard + 1] - starts[shard]
      part = Part(name, shard, (), shard, 1, expected)
      items.append(WorkItem(len(items), (part,)))
  return tuple(items)


def _group(name: str, sizes: Mapping[str, SplitSize]) -> Group:
  """Makes the one group of the run.

  With as many parts as validation shards, the end of the run joins none.
  """
  validation = sizes['validation'].shards if 'validation' in sizes else 0
  return Group(
    (name,),
    parts=validation,
    shards=sizes['train'].shards,
    validation_shards=validation,
  )


def _as_written(
  config: Config,
  manifests: Sequence[Manifest],
  members: Members,
  sizes: Mapping[str, SplitSize],
  joined: Mapping[str, Feature],
  shape: PackedShape | None,
) -> dict[str, Any]:
  """Returns the configuration as the plan keeps it, as JSON."""
  return {
    'mixture': config.mixture,
    'manifests': [
      {'output': output, 'plan': manifest.run['plan']}
      for output, manifest in zip(config.outputs, manifests, strict=True)
    ],
    # Data set to its run's index, its examples, and its places in an epoch.
    'members': {
      split: {
        name: list(dataclasses.astuple(member))
        for name, member in chosen.items()
      }
      for split, chosen in members.items()
    },
    'splits': {split: size.as_written() for split, size in sizes.items()},
    'features': as_planned(joined),
    'pack': None if shape is None else shape_lib.as_written(shape),
    'name': config.data_set,
    'seed': config.seed,
    **left_out_keys.described(
      config.without_keys,
      examples=any(m.run['job'] == 'ul2' for m in manifests) or None,
    ),
    'version': VERSION,
  }


def shuffled_bytes(plan: Plan) -> int:
  """Estimates the bytes of the frames that cross the engine, in all epochs."""
  factor = PACKED_FACTOR if plan.config['pack'] else 1
  return round(plan.estimate['bytes'] / factor)
