"""Works out the features of a mixed data set, and whether runs go together."""

from collections.abc import Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.packing import PackedShape, feature_lengths
from ul2_flan.pipelines.run import changes, checks
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest


def check_alike(manifests: Sequence[Manifest]) -> None:
  """Refuses runs whose features or token ids differ.

  Raises:
    UserError: two of them differ.
  """
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


def packed_shape(config: Config, manifest: Manifest) -> PackedShape | None:
  """Works out how sequences are packed; None if they are not.

  Raises:
    UserError: some examples would not fit, or the runs were made for another
      architecture.
  """
  if not config.pack:
    return None
  made = {k: manifest.features[k].length for k in ('inputs', 'targets')}
  for name, length in config.task_feature_lengths.items():
    if name not in made:
      raise UserError(
        f"--task_feature_lengths {name}={length}: '{name}' is none of "
        f'{", ".join(made)}'
      )
    if length > checks.MAX_LENGTH:
      raise UserError(
        f'--task_feature_lengths {name}={length}: it must be at most '
        f'{checks.MAX_LENGTH}'
      )
    if length < made[name]:
      raise UserError(
        f'--task_feature_lengths {name}={length}: the examples have up to '
        f'{made[name]} tokens, and none is cut. Give {made[name]} or more, or '
        'make the data for shorter features'
      )
  lengths = {**made, **config.task_feature_lengths}
  if config.pack == 'enc_dec' and manifest.decoder_only:
    raise UserError(
      f"run '{manifest.name}' is for decoder-only models, and --pack enc_dec "
      'is not: give prefix_lm or lm'
    )
  return PackedShape(
    config.pack,
    lengths['inputs'],
    lengths['targets'],
    inputs_eos=manifest.features['inputs'].add_eos,
    targets_eos=manifest.features['targets'].add_eos,
  )


def features(
  manifest: Manifest, shape: PackedShape | None
) -> dict[str, dict[str, Any]]:
  """Describes the features, as the manifest does.

  Packed features hold EOS already, so seqio is to add none.
  """
  if shape is None:
    return {k: dataclasses.asdict(f) for k, f in manifest.features.items()}
  return {
    name: {'dtype': 'int32', 'length': length, 'add_eos': False}
    for name, length in feature_lengths(shape).items()
  }
