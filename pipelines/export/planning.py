"""Plans an export, from the manifest of its run alone."""

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.export.config import Config
from ul2_flan.pipelines.export.formats import array_record, chat
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import Group, Part, Plan, Planned, checks, division
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files, manifest_of
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.tasks.errors import UserError, given_by
from ul2_flan.tasks.manifest import Feature, Manifest, Split, refuse_export
from ul2_flan.tasks.version import VERSION, version_of

# Source bytes of a work item, and what a shard costs besides: its files.
_ITEM_BYTES, _SHARD_BYTES = 32 << 20, 256 << 10


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans an export; reads no example.

  Args:
    config: its configuration.
    output: the folder that it will write to.

  Raises:
    UserError: there is no such run, or the output is its own.
  """
  source = config.source
  checks.check_output(output, [source])
  with given_by('--manifest'):
    manifest = manifest_of(source)
    refuse_export(manifest, source)
  groups: dict[str, Group] = {}
  parts: list[Part] = []
  for name, splits in manifest.data_sets.items():
    groups[name] = _group(name, splits)
    parts += _parts(name, splits, source)
  if not parts:
    raise UserError(f'--manifest {source}: the run has no shards to export')
  plan = Plan(
    kind='export',
    config=_as_written(config, manifest),
    items=division.items_of(parts, _ITEM_BYTES, _SHARD_BYTES),
    groups=groups,
    estimate=_expected(manifest),
    manifest=_known_manifest(config, manifest),
  )
  return Planned(plan, output=output)


def _group(name: str, splits: Mapping[str, Split]) -> Group:
  """Makes the group of a data set.

  With as many parts as validation shards, the end of the run joins none.
  """
  split = next((split for split in splits if split != 'validation'), '')
  if not split:
    raise UserError(
      f"--manifest: the data set '{name}' has no split besides validation. "
      'Give a run as it was written'
    )
  counts = {split: len(info.shards) for split, info in splits.items()}
  validation = counts.get('validation', 0)
  return Group((name,), validation, counts[split], validation, split)


def _parts(name: str, splits: Mapping[str, Split], source: str) -> list[Part]:
  """Makes a part for each shard."""
  pieces = [
    (
      index,
      Piece(
        files.join(source, shard.path), 'tfrecord', 0, shard.bytes, shard.bytes,
        split=split,
      ),
    )
    for split, info in splits.items()
    for index, shard in enumerate(info.shards)
  ]  # fmt: skip
  return [
    Part(name, number, (piece,), first_shard=index, num_shards=1)
    for number, (index, piece) in enumerate(pieces)
  ]


def features_of(config: Config, manifest: Manifest) -> dict[str, Feature]:
  """Returns what an export's examples have.

  Raises:
    UserError: the run's examples lack what the format needs, or a library is
      missing.
  """
  if config.format == 'array_record':
    array_record.check()
    return dict(manifest.features)
  if config.format == 'chat':
    chat.check(manifest, config.source)
    return chat.features(manifest)
  return columns_of(config, manifest).features


def origin_of(plan: Plan) -> Origin:
  """Returns the licences and languages of the run that is exported."""
  manifest = manifest_as_planned(plan.config['manifest'])
  return Origin.parse(manifest.run, manifest.name)


def columns_of(config: Config, manifest: Manifest) -> Columns:
  """Returns what makes the columns of a run's examples."""
  return Columns(
    manifest.features,
    decoder_only=manifest.decoder_only,
    names=config.columns,
    eos_id=manifest.eos_id,
  )


def _as_written(config: Config, manifest: Manifest) -> dict[str, Any]:
  """Returns the configuration as the plan keeps it, as JSON."""
  return {
    'name': manifest.name,
    'manifest': {'output': config.source, 'plan': manifest.run['plan']},
    'format': config.format,
    'columns': config.columns,
    'versions': {'ul2-flan': VERSION, 'pyarrow': version_of('pyarrow')},
  }


def _expected(manifest: Manifest) -> dict[str, int]:
  """Estimates what comes out: about as many bytes as there are."""
  splits = [
    s for splits in manifest.data_sets.values() for s in splits.values()
  ]
  sides = ('inputs_tokens', 'targets_tokens')
  return {
    'examples': sum(split.examples for split in splits),
    'tokens': sum(
      split.stats.get(side, 0) for split in splits for side in sides
    ),
    'bytes': sum(shard.bytes for split in splits for shard in split.shards),
  }


def _known_manifest(config: Config, manifest: Manifest) -> dict[str, Any]:
  """Returns what the manifest will say and is known already."""
  features = features_of(config, manifest)
  return {
    'name': manifest.name,
    'features': {k: dataclasses.asdict(f) for k, f in features.items()},
    'vocabulary': dict(manifest.vocabulary),
    'decoder_only': manifest.decoder_only,
    'architecture': manifest.architecture,
    'mixtures': dict(manifest.mixtures),
    'run': {'format': config.format},
  }
