"""Works out the features of a mixed data set, and whether runs go together."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.packing import PackedShape, feature_lengths
from ul2_flan.pipelines.run import changes, checks
from ul2_flan.pipelines.storage.left_out_keys import KEY_FEATURE
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest, eos_in_packed


def check_alike(manifests: Sequence[Manifest], *, packs: bool) -> None:
  """Refuses runs whose token ids are for different models.

  Lengths may differ: a mixture's features are as long as the longest. So may
  text and provenance; see `joined_features`.

  Args:
    manifests: of the runs.
    packs: whether examples are packed. Then each need only fit into a sequence,
      and it does not matter which side of it takes the room.

  Raises:
    UserError: two of them differ, or one is packed.
  """
  for manifest in manifests:
    if manifest.is_packed:
      raise UserError(
        f"run '{manifest.name}' is packed already: give the runs that it was "
        'mixed of'
      )
  one, *others = (_of_tokens(m, packs=packs) for m in manifests)
  for manifest, two in zip(manifests[1:], others, strict=True):
    lines = changes.differences(one, two)
    if lines:
      raise UserError(
        f"runs '{manifests[0].name}' and '{manifest.name}' cannot be mixed; "
        'they differ in\n  '
        + '\n  '.join(lines)
        + '\nMake one of them anew with the vocabulary and the flags of the '
        'other'
      )


def _of_tokens(manifest: Manifest, *, packs: bool) -> dict[str, Any]:
  """Returns what the token ids of runs that are mixed have in common."""
  return {
    'vocabulary sha256': manifest.vocabulary['sha256'],
    'extra_ids': manifest.vocabulary['extra_ids'],
    'eos_id': manifest.eos_id,
    'decoder_only': manifest.decoder_only and not packs,
    'features': {
      name: {'dtype': feature.dtype, 'add_eos': feature.add_eos}
      for name, feature in manifest.features.items()
      if feature.dtype != 'string'
    },
  }


def check_keys(config: Config, manifests: Sequence[Manifest]) -> None:
  """Refuses runs whose examples have no keys, if some are left out by these.

  Raises:
    UserError: one of them has none.
  """
  for manifest, output in zip(manifests, config.outputs, strict=True):
    if config.without_keys and KEY_FEATURE not in manifest.features:
      raise UserError(
        f'--without_keys {config.without_keys}: the examples of --manifest '
        f'{output} have no keys. Make that run anew with --provenance, which '
        'stores them'
      )


def joined_features(
  manifests: Iterable[Manifest], *, keep_strings: bool
) -> tuple[dict[str, Feature], list[str]]:
  """Joins the features of runs that go together.

  Args:
    manifests: of the runs.
    keep_strings: whether to take text and provenance that only some runs have.

  Returns:
    the features, as long as the longest; and the names of those that are left
    out.
  """
  runs = [manifest.features for manifest in manifests]
  joined: dict[str, Feature] = {}
  left_out: list[str] = []
  for name in dict.fromkeys(name for features in runs for name in features):
    same = [features[name] for features in runs if name in features]
    if len(same) == len(runs) or keep_strings:
      joined[name] = max(same, key=lambda feature: feature.length)
    else:
      left_out.append(name)
  return joined, left_out


def joined_vocabulary(manifests: Sequence[Manifest]) -> dict[str, Any]:
  """Describes the vocabulary; only runs of denoisers name sentinels of it."""
  return {k: v for m in reversed(manifests) for k, v in m.vocabulary.items()}


def packed_shape(
  config: Config, manifests: Sequence[Manifest]
) -> PackedShape | None:
  """Works out how sequences are packed; None if they are not.

  Raises:
    UserError: some examples would not fit, or the runs were made for another
      architecture.
  """
  if not config.pack:
    return None
  features = manifests[0].features
  sides = ('inputs', 'targets')
  made = [{k: m.features[k].length for k in sides} for m in manifests]
  longest = {k: max(lengths[k] for lengths in made) for k in sides}
  lengths = {**longest, **config.task_feature_lengths}
  _check_lengths(config.task_feature_lengths, longest)
  if config.pack == 'enc_dec':
    for manifest in manifests:
      if manifest.decoder_only:
        raise UserError(
          f"run '{manifest.name}' is for decoder-only models, and --pack "
          'enc_dec is not: give prefix_lm or lm'
        )
    for name, length in lengths.items():
      if length < longest[name]:
        raise _too_short(f'{name}={length}', longest[name], longest[name])
  else:
    most = max(sum(lengths.values()) for lengths in made)
    if sum(lengths.values()) < most:
      given = ','.join(f'{k}={v}' for k, v in lengths.items())
      raise _too_short(given, most, f'{most} in all')
  return PackedShape(
    config.pack,
    lengths['inputs'],
    lengths['targets'],
    inputs_eos=features['inputs'].add_eos,
    targets_eos=features['targets'].add_eos,
    eos_id=manifests[0].eos_id,
  )


def _check_lengths(given: Mapping[str, int], known: Iterable[str]) -> None:
  """Refuses lengths of unknown features, and those beyond any model's."""
  for name, length in given.items():
    where = f'--task_feature_lengths {name}={length}'
    if name not in known:
      raise UserError(f"{where}: '{name}' is none of {', '.join(known)}")
    if length > checks.MAX_LENGTH:
      raise UserError(f'{where}: it must be at most {checks.MAX_LENGTH}')


def _too_short(given: str, most: int, enough: int | str) -> UserError:
  return UserError(
    f'--task_feature_lengths {given}: the examples have up to {most} tokens, '
    f'and none is cut. Give {enough} or more, or make the data for shorter '
    'features'
  )


def described(
  joined: Mapping[str, Feature], shape: PackedShape | None
) -> dict[str, dict[str, Any]]:
  """Describes the features, as the manifest does.

  Packed features hold EOS already, so seqio is to add none.
  """
  if shape is None:
    return {name: dataclasses.asdict(f) for name, f in joined.items()}
  has_eos = {'inputs': shape.inputs_eos, 'targets': shape.targets_eos}
  sides = [side for side, has in has_eos.items() if has]
  return {
    name: {
      'dtype': 'int32',
      'length': length,
      'add_eos': False,
      'eos_after': eos_in_packed(name, sides),
    }
    for name, length in feature_lengths(shape).items()
  }


def architecture(
  manifests: Sequence[Manifest], shape: PackedShape | None
) -> dict[str, Any]:
  """Says for which models the mixture is, as a manifest does."""
  made_for = shape.architecture if shape else manifests[0].architecture
  return {'architecture': made_for, 'decoder_only': made_for != 'enc_dec'}


def as_planned(joined: Mapping[str, Feature]) -> dict[str, dict[str, Any]]:
  """Describes the features that are read, as plans did from the start."""
  return {
    name: {'dtype': f.dtype, 'length': f.length, 'add_eos': f.add_eos}
    for name, f in joined.items()
  }
