"""Tells T5X about the data of a manifest: the functions that gin files name.

A manifest lists the data sets, the lengths of their examples and the vocabulary
that made them. So users give its path, and nothing else.
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
from ul2_flan.tasks.registration import vocabulary as vocabulary_lib
from ul2_flan.trainer_plugin import converters, evaluation, fit, lengths

# T5X is imported only where it is used: it is on no package index, and all else
# works without it.
if TYPE_CHECKING:
  from t5x import utils


def for_training(
  manifest: str | Sequence[str],
  batch_size: int,
  seed: int,
  name: str | None = None,
  task_feature_lengths: Mapping[str, int] | None = None,
  vocabulary: seqio.Vocabulary | None = None,
  model: Any | None = None,
) -> utils.DatasetConfig:
  """Describes the training data of a run, for T5X's `train_dataset_cfg`.

  Args:
    manifest: path of a run's output or of its `manifest.json`; or several
      paths, for a mixture of `ul2_flan.mixtures`.
    batch_size: packed sequences in a batch, over all hosts.
    seed: of the order of examples. It must be given: T5X would take the clock.
    name: of a data set or mixture in the manifest, by default the whole run; or
      of a mixture of `ul2_flan.mixtures`, which is then mixed while training.
    task_feature_lengths: tokens, EOS included; by default the lengths that the
      data was made for.
    vocabulary: the model's; by default the file that the data was made with.
    model: T5X's, for which the data must have been made.

  Raises:
    UserError: there is no such manifest, data set, mixture or training split;
      manifests are of different kinds, or for another kind of model; or
      examples would be cut.
  """
  loaded = fit.load(manifest, model)
  if not loaded:
    raise UserError('MANIFEST is empty: give the output of a pipeline')
  names = [
    name for path in loaded for name in register_lib.register(path, vocabulary)
  ]
  if not name and len(loaded) == 1:
    name = next(iter(loaded.values())).name
  if name and name in definition.definitions() and name not in names:
    name = mixtures.register_mixture(name, list(loaded), vocabulary)
  elif name not in names:
    raise unknown('data set or mixture', name or '', names)
  splits = seqio.get_mixture_or_task(name).splits
  if 'train' not in splits:
    raise UserError(
      f"{', '.join(loaded)}: '{name}' has no examples in split 'train', only "
      f'in {", ".join(sorted(splits)) or "none"}. Give other data as MANIFEST'
    )
  return _config(
    loaded,
    task_feature_lengths,
    mixture_or_task_name=name,
    split='train',
    batch_size=batch_size,
    shuffle=True,
    seed=seed,
  )


def for_evaluation(
  manifests: str | Sequence[str],
  batch_size: int,
  split: str = 'validation',
  task_feature_lengths: Mapping[str, int] | None = None,
  vocabulary: seqio.Vocabulary | None = None,
  model: Any | None = None,
) -> utils.DatasetConfig | None:
  """Describes validation data, for T5X's `train_eval_dataset_cfg`.

  T5X shows the loss by denoiser and by suite, and of all together, in
  TensorBoard.

  Args:
    manifests: paths of the runs to evaluate on; () for no evaluation.
    batch_size: sequences in a batch.
    split: whose examples are evaluated.
    task_feature_lengths: as in training; by default the longest of those that
      the manifests give.
    vocabulary: the model's.
    model: as in training.

  Returns:
    None for no evaluation.

  Raises:
    UserError: a manifest is missing, or has no examples in that split; or
      manifests are of different kinds, or for another kind of model.
  """
  loaded = fit.load(manifests, model)
  if not loaded:
    return None
  return _config(
    loaded,
    task_feature_lengths,
    mixture_or_task_name=evaluation.mixture(list(loaded), split, vocabulary),
    split=split,
    batch_size=batch_size,
    shuffle=False,
    seed=0,
  )


def for_benchmarks(
  manifest: str | None,
  batch_size: int,
  name: str | None = None,
  task_feature_lengths: Mapping[str, int] | None = None,
  answer_length: int = 0,
  vocabulary: seqio.Vocabulary | None = None,
  model: Any | None = None,
  trained_on: str | Sequence[str] | None = None,
) -> utils.DatasetConfig | None:
  """Describes evaluation suites, for T5X's `infer_eval_dataset_cfg`.

  T5X lets the model answer, and computes the metrics of the suites.

  Args:
    manifest: path of what `pipelines.evaluation` made; None for no evaluation.
    batch_size: prompts in a batch.
    name: of a data set or mixture in the manifest, by default all.
    task_feature_lengths: tokens, EOS included; by default those that the data
      was made for. T5X alone would let a model say no more tokens than the
      longest reference has, which is too few for a chain of thought.
    answer_length: how many tokens a model may say at least, by default.
    vocabulary: the model's.
    model: T5X's, for which the prompts must have been made; None for any.
    trained_on: what the model was trained on last: a manifest, or several. If
      any is given, prompts must end as inputs of the first do, and the model
      may be any.

  Returns:
    None for no evaluation.

  Raises:
    UserError: there is no such manifest, data set or mixture, it has nothing to
      evaluate on, or the prompts are for another kind of model.
  """
  if manifest is None:
    return None
  loaded = fit.load(manifest, None if trained_on else model)
  (made,) = loaded.values()
  if trained_on:
    place = fit.paths(trained_on)[0]
    fit.require_prompts_as_trained(made, manifest, _first(place), place)
  names = register_lib.register(manifest, vocabulary)
  name = name or made.name
  if name not in names:
    raise unknown('data set or mixture', name, names)
  if 'test' not in seqio.get_mixture_or_task(name).splits:
    raise UserError(
      f"{manifest}: '{name}' has no examples in split 'test'. Give what "
      'ul2_flan.pipelines.evaluation made'
    )
  if task_feature_lengths is None:
    known = made.task_feature_lengths
    answer = max(answer_length, known['targets'])
    task_feature_lengths = {**known, 'targets': answer}
  return _config(
    loaded,
    task_feature_lengths,
    mixture_or_task_name=name,
    split='test',
    batch_size=batch_size,
    shuffle=False,
    seed=0,
  )


def vocabulary(
  manifest: str | Sequence[str], path: str | None = None
) -> seqio.Vocabulary:
  """Returns the vocabulary that a manifest's data was made with, for a model.

  Args:
    manifest: path of a run's output; the first of several counts.
    path: where the file is now, if not where the pipeline read it. Reading data
      checks that it is the same file.
  """
  return vocabulary_lib.described(_first(manifest).vocabulary, path)


def vocabulary_size(manifest: str | Sequence[str]) -> int:
  """Returns the rows of an embedding for a manifest's ids.

  They are the next multiple of 128, as TPUs divide an array best.
  """
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
  """Calls T5X's `get_dataset` with the converter that the data set needs."""
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
  """Calls T5X's `get_training_eval_datasets` with the right converter."""
  from t5x import utils

  return utils.get_training_eval_datasets(
    cfg,
    shard_id,
    num_shards,
    eval_steps,
    converters.converter_for(cfg.mixture_or_task_name, feature_converter_cls),
  )


def _config(
  manifests: Mapping[str, Manifest],
  task_feature_lengths: Mapping[str, int] | None,
  **settings: Any,
) -> utils.DatasetConfig:
  from t5x import utils

  return utils.DatasetConfig(
    task_feature_lengths=lengths.longest(
      [
        lengths.of_manifest(manifest, task_feature_lengths, path)
        for path, manifest in manifests.items()
      ]
    ),
    pack=not any(manifest.is_packed for manifest in manifests.values()),
    # Our source reads the shards that the manifest lists. seqio's cache would
    # read whatever files are there.
    use_cached=False,
    **settings,
  )


def _first(manifests: str | Sequence[str]) -> Manifest:
  return register_lib.load_manifest(fit.paths(manifests)[0])
