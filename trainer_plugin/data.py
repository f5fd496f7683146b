"""What a manifest means to T5X: the functions that our gin files name.

A manifest says which data sets there are, how long their examples are and which
vocabulary made them, so a user gives its path and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import seqio

from ul2_flan.mixtures import definition
from ul2_flan.mixtures import register as mixtures
from ul2_flan.tasks import register as register_lib
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.trainer_plugin import converters, evaluation

if TYPE_CHECKING:
  from t5x import utils


def for_training(
  manifest: str | Sequence[str],
  batch_size: int,
  seed: int,
  name: str | None = None,
  task_feature_lengths: Mapping[str, int] | None = None,
  vocabulary: seqio.Vocabulary | None = None,
) -> utils.DatasetConfig:
  """The training data of a run, for `train_dataset_cfg`.

  Args:
    manifest: path of a run's output or of its `manifest.json`; or several, for
      a mixture of `ul2_flan.mixtures`.
    batch_size: packed sequences in a batch, over all hosts.
    seed: of the order of examples. It must be set: T5X would take the clock.
    name: of a data set or mixture in the manifest, by default all of the run;
      or of a mixture of `ul2_flan.mixtures`, to be mixed while training.
    task_feature_lengths: tokens, EOS included; by default those that the data
      was made for.
    vocabulary: the model's; by default the file that the data was made with.

  Raises:
    UserError: there is no such manifest, data set, mixture or training split;
      or examples are longer than what they are given.
  """
  from t5x import utils

  paths = _paths(manifest)
  found = [register_lib.load_manifest(_path(path)) for path in paths]
  names = [n for path in paths for n in register_lib.register(path, vocabulary)]
  if not name and len(paths) == 1:
    name = found[0].name
  if name and name in definition.definitions() and name not in names:
    name = mixtures.register_mixture(name, paths, vocabulary)
  elif name not in names:
    raise unknown('data set or mixture', name or '', names)
  where = ', '.join(paths)
  return utils.DatasetConfig(
    mixture_or_task_name=name,
    task_feature_lengths=_longest(
      [
        lengths(one, task_feature_lengths, path)
        for one, path in zip(found, paths, strict=True)
      ]
    ),
    split=_split(name, 'train', where),
    batch_size=batch_size,
    shuffle=True,
    seed=seed,
    pack=not found[0].is_packed,
    # Our source reads the shards that the manifest lists; seqio's reads
    # whatever files are there.
    use_cached=False,
  )


def for_evaluation(
  manifests: str | Sequence[str],
  batch_size: int,
  split: str = 'validation',
  task_feature_lengths: Mapping[str, int] | None = None,
  vocabulary: seqio.Vocabulary | None = None,
) -> utils.DatasetConfig | None:
  """Validation data by denoiser and by suite, for `train_eval_dataset_cfg`.

  T5X shows the loss of each part, and of all together, in TensorBoard.

  Args:
    manifests: those to evaluate on; none for no evaluation.
    batch_size: sequences in a batch.
    split: of the data sets.
    task_feature_lengths: as in training; by default the longest of the
      manifests.
    vocabulary: the model's.

  Raises:
    UserError: a manifest is missing, or has no examples in that split.
  """
  from t5x import utils

  paths = _paths(manifests)
  if not paths:
    return None
  found = [register_lib.load_manifest(_path(path)) for path in paths]
  if len({m.is_packed for m in found}) > 1:
    raise UserError(
      f'{", ".join(paths)}: some are packed and some are not, so they cannot '
      'be evaluated together. Set EVAL_MANIFESTS to those of one kind'
    )
  return utils.DatasetConfig(
    mixture_or_task_name=evaluation.mixture(paths, split, vocabulary),
    task_feature_lengths=_longest(
      [
        lengths(manifest, task_feature_lengths, path)
        for manifest, path in zip(found, paths, strict=True)
      ]
    ),
    split=split,
    batch_size=batch_size,
    shuffle=False,
    seed=0,
    pack=not found[0].is_packed,
    use_cached=False,
  )


def vocabulary(
  manifest: str | Sequence[str], path: str | None = None
) -> seqio.SentencePieceVocabulary:
  """The vocabulary that a manifest's data was made with, for a model.

  Args:
    manifest: path of a run's output; of several, the first.
    path: where the file is now, if not where the pipeline read it. That it is
      the same is checked when data is read.
  """
  known = _first(manifest).vocabulary
  return seqio.SentencePieceVocabulary(
    path or known['path'], extra_ids=known['extra_ids']
  )


def vocabulary_size(manifest: str | Sequence[str]) -> int:
  """Rows of an embedding for a manifest's ids: a multiple of 128, for TPUs."""
  size = _first(manifest).vocabulary['size']
  return int(size + -size % 128)


def get_dataset(
  cfg: utils.DatasetConfig,
  shard_id: int,
  num_shards: int,
  feature_converter_cls: converters.Converter,
  num_epochs: int | None = None,
  continue_from_last_checkpoint: bool = False,
) -> Any:
  """T5X's `get_dataset`, with the converter that the data set needs."""
  from t5x import utils

  return utils.get_dataset(
    cfg,
    shard_id,
    num_shards,
    converters.converter_for(cfg.mixture_or_task_name, feature_converter_cls),
    num_epochs,
    continue_from_last_checkpoint,
  )


def get_eval_datasets(
  cfg: utils.DatasetConfig,
  shard_id: int,
  num_shards: int,
  eval_steps: int,
  feature_converter_cls: converters.Converter,
) -> Mapping[str, Any]:
  """T5X's `get_training_eval_datasets`, likewise."""
  from t5x import utils

  return utils.get_training_eval_datasets(
    cfg,
    shard_id,
    num_shards,
    eval_steps,
    converters.converter_for(cfg.mixture_or_task_name, feature_converter_cls),
  )


def lengths(
  manifest: Manifest, given: Mapping[str, int] | None, path: str
) -> dict[str, int]:
  """Feature lengths for a manifest, in tokens.

  Args:
    manifest: says what its examples were made for.
    given: wanted instead, or None.
    path: of the manifest, for errors.

  Raises:
    UserError: examples would be cut, and lose their EOS; or packed sequences
      would be padded.
  """
  made = manifest.task_feature_lengths
  if given is None:
    return made
  packed = manifest.is_packed
  if packed:
    wrong = any(made.get(name) != length for name, length in given.items())
    given = made if not wrong else given
  elif manifest.decoder_only:
    wrong = sum(given.values()) < sum(made.values())
  else:
    wrong = any(given.get(name, 0) < length for name, length in made.items())
  if wrong:
    raise UserError(
      f'{path} was made for lengths {made}, and TASK_FEATURE_LENGTHS is '
      f'{dict(given)}. Give {"these" if packed else "no shorter ones"}, or '
      'make the data again'
    )
  return dict(given)


def _longest(found: Sequence[Mapping[str, int]]) -> dict[str, int]:
  return {
    name: max(one.get(name, 0) for one in found)
    for name in dict.fromkeys(name for one in found for name in one)
  }


def _paths(manifests: str | Sequence[str]) -> list[str]:
  return [manifests] if isinstance(manifests, str) else list(manifests)


def _first(manifests: str | Sequence[str]) -> Manifest:
  return register_lib.load_manifest(_path(_paths(manifests)[0]))


def _path(manifest: str) -> str:
  return evaluation.manifest_path(manifest)


def _split(name: str, split: str, manifests: str) -> str:
  splits = seqio.get_mixture_or_task(name).splits
  if split not in splits:
    raise UserError(
      f"{manifests}: '{name}' has no examples in split '{split}', only in "
      f'{", ".join(sorted(splits)) or "none"}'
    )
  return split
