"""Registers finished data sets with seqio: the one module here that imports it.

    >>> from ul2_flan.tasks.register import register  # doctest: +SKIP
    >>> register('gs://bucket/ul2r/manifest.json')  # doctest: +SKIP
    ['ul2r']

All is taken from the manifest: the shards by name and their counts, so that
nothing is listed, and no file is opened but the manifest, until a data set is
read. A task is the same with `use_cached` true, where stock seqio reads the
folder, and false, where our source does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import functools
import hashlib
import posixpath
from typing import Any

import seqio
import tensorflow as tf

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, Split

# What has been registered: name -> the manifest it came from.
_REGISTERED: dict[str, str] = {}


def register(
  manifest_path: str, vocabulary: seqio.Vocabulary | str | None = None
) -> list[str]:
  """Adds a manifest's data sets to seqio as tasks, and its mixtures.

  Args:
    manifest_path: of `manifest.json`, or its folder.
    vocabulary: the model's, or the path of its file. By default the file that
      the data was made with, where the pipeline read it. T5X compares a task's
      vocabulary with the model's by path, so give the one that it has.

  Returns:
    the names that were added: what the run is called first. A second call for
    the same manifest adds nothing.

  Raises:
    UserError: there is no manifest, or a name is taken by something else. That
      the vocabulary is another one is found when data is read.
  """
  if not manifest_path.endswith('.json'):
    manifest_path = posixpath.join(manifest_path, manifest_lib.FILE_NAME)
  manifest = load_manifest(manifest_path)
  output = posixpath.dirname(manifest_path)
  names = [*manifest.mixtures, *manifest.data_sets]
  names.sort(key=lambda name: name != manifest.name)
  if all(_REGISTERED.get(name) == manifest_path for name in names):
    return names
  for name in names:
    if name in {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}:
      source = _REGISTERED.get(name, 'other code')
      raise UserError(
        f"{manifest_path}: '{name}' is registered already, by {source}. Make "
        'the data sets with another --name'
      )
  vocabulary = _vocabulary(manifest, vocabulary)
  # Where stock seqio looks for data sets when `use_cached` is true.
  seqio.add_global_cache_dirs([output])
  for name in manifest.data_sets:
    _add_task(manifest, name, output, vocabulary)
  for name, rates in manifest.mixtures.items():
    # A denoiser that got no example of a tiny corpus has nothing to mix in.
    members = [
      (task, rate)
      for task, rate in rates.items()
      if manifest.data_sets[task]['train'].examples
    ]
    seqio.MixtureRegistry.add(name, members)
  _REGISTERED.update(dict.fromkeys(names, manifest_path))
  return names


def load_manifest(path: str) -> Manifest:
  """Reads a manifest from any file system that TensorFlow opens."""
  try:
    with tf.io.gfile.GFile(path, 'rb') as f:
      data = f.read()
  except tf.errors.OpError as e:
    raise UserError(
      f'{path}: {e.message}. A run writes it when it is complete; finish the '
      'run, or give the folder that was its --output'
    ) from e
  return manifest_lib.parse(data, path)


class ManifestDataSource(seqio.FileDataSource):
  """Reads the shards that a manifest lists: no glob, and counts are known."""

  def __init__(
    self,
    output: str,
    splits: Mapping[str, Split],
    features: Mapping[str, manifest_lib.Feature],
  ):
    """Describes shards; opens none.

    Args:
      output: the folder that shards' paths are below.
      splits: those that have examples are the source's.
      features: dtypes by name.
    """
    self._shards = {
      name: [posixpath.join(output, shard.path) for shard in split.shards]
      for name, split in splits.items()
      if split.examples
    }
    super().__init__(
      read_file_fn=functools.partial(_read_examples, features=features),
      split_to_filepattern=self._shards,
      num_input_examples={name: splits[name].examples for name in self._shards},
    )

  def list_shards(self, split: str) -> list[str]:
    """The shards of a split, as the manifest has them."""
    return self._shards[split]


class SumBoundedTask(seqio.Task):
  """A decoder-only task: the sum of inputs and targets is bounded.

  seqio trims each feature to its own length, which would cut examples whose
  prefix is longer than the share of the inputs. They need no trimming; read
  them with a converter that does not check single features either:
  `seqio.PrefixLMFeatureConverter(apply_length_check=False)`.
  """

  def __init__(self, *args: Any, max_sum: int, **kwargs: Any):
    super().__init__(*args, **kwargs)
    self._max_sum = max_sum

  def _trim_output_features(
    self, dataset: tf.data.Dataset, sequence_length: Mapping[str, int] | None
  ) -> tf.data.Dataset:
    given = sum((sequence_length or {}).values())
    if sequence_length and given < self._max_sum:
      raise UserError(
        f"'{self.name}' was made for inputs and targets of {self._max_sum} "
        f'tokens together, and the feature lengths are {given}. Give longer '
        'ones, or make the data set for these'
      )
    return dataset


def _vocabulary(
  manifest: Manifest, given: seqio.Vocabulary | str | None
) -> seqio.Vocabulary:
  known = manifest.vocabulary
  if given is None or isinstance(given, str):
    return seqio.SentencePieceVocabulary(
      given or known['path'], extra_ids=known['extra_ids']
    )
  return given


def _add_task(
  manifest: Manifest, name: str, output: str, vocabulary: seqio.Vocabulary
) -> None:
  features = {
    key: seqio.Feature(vocabulary, add_eos=feature.add_eos, dtype=tf.int32)
    for key, feature in manifest.features.items()
    if feature.dtype == 'int32'
  }
  options: dict[str, Any] = {}
  append_eos = seqio.preprocessors.append_eos_after_trim
  if manifest.decoder_only:
    append_eos = seqio.preprocessors.append_eos
    options = {
      'task_cls': SumBoundedTask,
      'max_sum': sum(f.length for f in manifest.features.values()),
    }
  seqio.TaskRegistry.add(
    name,
    source=ManifestDataSource(
      output, manifest.data_sets[name], manifest.features
    ),
    preprocessors=[
      seqio.CacheDatasetPlaceholder(),
      _check_vocabulary(manifest, name),
      append_eos,
    ],
    output_features=features,
    **options,
  )


def _read_examples(
  file: Any, features: Mapping[str, manifest_lib.Feature]
) -> tf.data.Dataset:
  description = {
    name: tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True)
    if feature.dtype == 'int32'
    else tf.io.FixedLenFeature([], feature.dtype)
    for name, feature in features.items()
  }

  def parse(record: tf.Tensor) -> dict[str, tf.Tensor]:
    example = tf.io.parse_single_example(record, description)
    return {k: tf.cast(v, features[k].dtype) for k, v in example.items()}

  return tf.data.TFRecordDataset(file).map(
    parse, num_parallel_calls=tf.data.AUTOTUNE
  )


def _check_vocabulary(
  manifest: Manifest, name: str
) -> Callable[[tf.data.Dataset, Any], tf.data.Dataset]:
  """A preprocessor that compares vocabularies when a data set is built.

  Not at registration: the file may be far away, and many tasks share it.
  """
  expected = manifest.vocabulary

  def check(
    dataset: tf.data.Dataset, output_features: Mapping[str, seqio.Feature]
  ) -> tf.data.Dataset:
    vocabulary = next(iter(output_features.values())).vocabulary
    if isinstance(vocabulary, seqio.SentencePieceVocabulary):
      path = vocabulary.sentencepiece_model_file
      found = (_sha256(path), vocabulary.extra_ids)
      if found != (expected['sha256'], expected['extra_ids']):
        raise UserError(
          f"'{name}' was made with another vocabulary: sha256 "
          f'{expected["sha256"]} and {expected["extra_ids"]} extra ids, not '
          f'{found[0]} and {found[1]} of {path}. Its ids mean other pieces: '
          'give register() the vocabulary that the data was made with'
        )
    return dataset

  return check


@functools.cache
def _sha256(path: str) -> str:
  with tf.io.gfile.GFile(path, 'rb') as f:
    return hashlib.sha256(f.read()).hexdigest()
