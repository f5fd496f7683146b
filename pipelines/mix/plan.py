"""Plans a mix run: from manifests alone, how much of each and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import importlib.metadata
import math
from typing import Any

from ul2_flan.mixtures.counts import plan_counts
from ul2_flan.mixtures.definition import load as load_definition
from ul2_flan.mixtures.rates import largest_remainder
from ul2_flan.mixtures.resolve import Resolved, resolve
from ul2_flan.pipelines.mix.config import MixConfig
from ul2_flan.pipelines.mix.packing import PackedShape
from ul2_flan.pipelines.mix.places import shard_starts
from ul2_flan.pipelines.run import changes
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.plan import Group, Part, Plan
from ul2_flan.pipelines.storage.manifests import manifest_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

# Segments and positions take about as many bytes as the tokens.
_PACKED_FACTOR = 2.5


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
  """A plan and what it was made of."""

  plan: Plan
  resolved: Resolved


def make_plan(config: MixConfig) -> Planned:
  """Plans a run.

  Raises:
    UserError: the runs do not go together, or nothing of the mixture is there.
  """
  manifests = [manifest_of(output) for output in config.manifests]
  _check_alike(manifests)
  mixture = load_definition(config.mixture, config.definitions)
  resolved = resolve(
    mixture, manifests, include=config.include, exclude=config.exclude
  )
  num_examples = config.num_examples or resolved.examples_once
  members = {
    'train': {
      planned.member.data_set: (
        planned.member.manifest,
        planned.member.examples,
        planned.count,
      )
      for planned in plan_counts(resolved, num_examples)
    },
    'validation': _validation(resolved, manifests, config),
  }
  members = {
    split: own
    for split, own in members.items()
    if sum(count for _, _, count in own.values())
  }
  shape = _shape(config, manifests[0])
  splits, sizes = _splits(members, manifests, config, shape)
  items: list[plan_lib.WorkItem] = []
  for split, made in splits.items():
    starts = shard_starts(sizes[split], made['shards'])
    for shard in range(made['shards']):
      expected = int(starts[shard + 1] - starts[shard])
      part = Part(config.name, shard, (), shard, 1, expected)
      items.append(plan_lib.WorkItem(len(items), (part,)))
  validation = splits.get('validation', {'shards': 0})['shards']
  plan = Plan(
    job='mix',
    config=_as_written(config, manifests, members, splits, shape),
    items=tuple(items),
    groups={
      config.name: Group(
        (config.name,),
        parts=validation,
        shards=splits['train']['shards'],
        validation_shards=validation,
      )
    },
    estimate={
      'examples': sum(made['places'] for made in splits.values()),
      'bytes': sum(sizes.values()),
      **_sources(members, manifests, config),
    },
    manifest={
      'name': config.name,
      'features': _features(manifests[0], shape),
      'vocabulary': dict(manifests[0].vocabulary),
      'decoder_only': manifests[0].decoder_only and shape is None,
    },
  )
  return Planned(plan, resolved)


def _check_alike(manifests: Sequence[Manifest]) -> None:
  """Runs that are mixed must have the same features and the same ids."""
  first, *others = manifests
  for other in others:
    one, two = (
      {
        'vocabulary sha256': m.vocabulary['sha256'],
        'extra_ids': m.vocabulary['extra_ids'],
        'decoder_only': m.decoder_only,
        'features': {k: dataclasses.asdict(f) for k, f in m.features.items()},
      }
      for m in (first, other)
    )
    lines = changes.differences(one, two)
    if lines:
      raise UserError(
        f"runs '{first.name}' and '{other.name}' cannot be mixed; they differ "
        'in\n  '
        + '\n  '.join(lines)
        + '\nMake one of them anew with the lengths, the vocabulary and the '
        'flags of the other'
      )


def _validation(
  resolved: Resolved, manifests: Sequence[Manifest], config: MixConfig
) -> dict[str, tuple[int, int, int]]:
  """Of each member, as many validation examples as its rate asks for.

  Fewer where there are fewer: a validation example is there once.
  """
  there = []
  for member in resolved.members:
    splits = manifests[member.manifest].data_sets[member.data_set]
    if 'validation' in splits and splits['validation'].examples:
      there.append((member, splits['validation'].examples))
  counts = largest_remainder(
    [member.rate for member, _ in there], config.num_validation_examples
  )
  return {
    member.data_set: (member.manifest, n, min(n, count))
    for (member, n), count in zip(there, counts, strict=True)
  }


def _splits(
  members: Mapping[str, Mapping[str, tuple[int, int, int]]],
  manifests: Sequence[Manifest],
  config: MixConfig,
  shape: PackedShape | None,
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
  """Epochs, places and shards of each split, and its expected bytes."""
  splits, sizes = {}, {}
  for split, own in members.items():
    epochs = config.epochs if split == 'train' else 1
    size = 0.0
    for name, (index, n, count) in own.items():
      shards = manifests[index].data_sets[name][split].shards
      size += sum(s.bytes for s in shards) / n * count * epochs
    size *= _PACKED_FACTOR if shape else 1
    places = epochs * sum(count for _, _, count in own.values())
    least = config.min_shards if split == 'train' else 1
    shards_wanted = max(least, math.ceil(size / config.shard_bytes))
    splits[split] = {
      'epochs': epochs,
      'places': places,
      'shards': min(shards_wanted, places),
    }
    sizes[split] = round(size)
  return splits, sizes


def _sources(
  members: Mapping[str, Mapping[str, tuple[int, int, int]]],
  manifests: Sequence[Manifest],
  config: MixConfig,
) -> dict[str, int]:
  """Files and bytes that a pass reads, and tokens that all epochs have."""
  count = size = 0
  tokens = 0.0
  for split, own in members.items():
    epochs = config.epochs if split == 'train' else 1
    for name, (index, n, per_epoch) in own.items():
      info = manifests[index].data_sets[name][split]
      shards = [s for s in info.shards if s.records and per_epoch]
      count += len(shards)
      size += sum(s.bytes for s in shards)
      sides = (info.stats.get(f'{f}_tokens', 0) for f in ('inputs', 'targets'))
      tokens += sum(sides) / n * per_epoch * epochs
  return {
    'tokens': round(tokens), 'source_files': count, 'source_bytes': size
  }  # fmt: skip


def _shape(config: MixConfig, manifest: Manifest) -> PackedShape | None:
  """How sequences are packed.

  Raises:
    UserError: examples would not fit.
  """
  if not config.layout:
    return None
  made = {k: manifest.features[k].length for k in ('inputs', 'targets')}
  for name, length in config.lengths.items():
    if name not in made:
      raise UserError(
        f"--task_feature_lengths: '{name}' is none of {', '.join(made)}"
      )
    if length < made[name]:
      raise UserError(
        f'--task_feature_lengths {name}={length}: the examples have up to '
        f'{made[name]} tokens, and none is cut. Give {made[name]} or more, or '
        'make the data for shorter features'
      )
  lengths = {**made, **config.lengths}
  if config.layout == 'enc_dec' and manifest.decoder_only:
    raise UserError(
      f"run '{manifest.name}' is for decoder-only models, and --pack enc_dec "
      'is not: give prefix_lm or lm'
    )
  return PackedShape(
    config.layout,
    lengths['inputs'],
    lengths['targets'],
    inputs_eos=manifest.features['inputs'].add_eos,
    targets_eos=manifest.features['targets'].add_eos,
  )


def _features(
  manifest: Manifest, shape: PackedShape | None
) -> dict[str, dict[str, Any]]:
  """The features of the mixed data set: a packed one has EOS where it is."""
  if shape is None:
    return {k: dataclasses.asdict(f) for k, f in manifest.features.items()}
  return {
    name: {'dtype': 'int32', 'length': length, 'add_eos': False}
    for name, length in shape.features().items()
  }


def _as_written(
  config: MixConfig,
  manifests: Sequence[Manifest],
  members: Mapping[str, Mapping[str, tuple[int, int, int]]],
  splits: Mapping[str, Mapping[str, int]],
  shape: PackedShape | None,
) -> dict[str, Any]:
  """The configuration as the plan keeps it."""
  return {
    'mixture': config.mixture,
    'manifests': [
      {'output': output, 'plan': manifest.run['plan']}
      for output, manifest in zip(config.manifests, manifests, strict=True)
    ],
    # Data set -> its run's index, examples, and how many an epoch has.
    'members': {
      split: {name: list(member) for name, member in own.items()}
      for split, own in members.items()
    },
    'splits': {split: dict(made) for split, made in splits.items()},
    'features': _features(manifests[0], None),
    'pack': None if shape is None else dataclasses.asdict(shape),
    'name': config.name,
    'seed': config.seed,
    'version': importlib.metadata.version('ul2-flan'),
  }


def read_bytes(plan: Plan) -> int:
  """Bytes of the records that go through the engine, epochs included."""
  factor = _PACKED_FACTOR if plan.config['pack'] else 1
  return round(plan.estimate['bytes'] / factor)
