"""Adds the data sets of a manifest to seqio as tasks."""

from collections.abc import Callable, Mapping
import functools
import hashlib
from typing import Any

import seqio
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import Scoring, scoring
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.registration.append_eos import append_eos, features_of
from ul2_flan.tasks.registration.source import ManifestDataSource
from ul2_flan.tasks.registration.vocabulary import TokenizerVocabulary, read


class ManifestTask(seqio.Task):
  """A task of a manifest's data, which knows the models that it was made for.

  Attributes:
    architecture: as of `Manifest`.
  """

  def __init__(self, *args: Any, architecture: str = 'enc_dec', **kwargs: Any):
    super().__init__(*args, **kwargs)
    self.architecture = architecture


class SumBoundedTask(ManifestTask):
  """A decoder-only task, in which inputs and targets share one length.

      len(inputs) + len(targets) <= max_sum

  seqio trims each feature to a length of its own, and would cut examples with a
  long prefix and short targets. No example needs trimming. Read the task with a
  converter that does not check single features either:
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


class PackedTask(ManifestTask):
  """A task of packed sequences, which a reader must take as long as they are.

  seqio would trim segment ids and positions as it trims tokens, and so cut
  through examples. Its converters of packed decoders declare any length that
  they are given, whatever length the sequences have. So shorter lengths are
  errors, and for decoders longer ones too. And seqio's converter of examples
  that are not packed would take a whole sequence for one; it is known by the
  lengths that it is given, which lack those of segments.
  """

  def __init__(self, *args: Any, lengths: Mapping[str, int], **kwargs: Any):
    super().__init__(*args, **kwargs)
    self._lengths = lengths

  def _trim_output_features(
    self, dataset: tf.data.Dataset, sequence_length: Mapping[str, int] | None
  ) -> tf.data.Dataset:
    if sequence_length and not self._fits(sequence_length):
      raise UserError(
        f"'{self.name}' holds packed sequences, to be read with the feature "
        f'lengths {dict(self._lengths)}, not {dict(sequence_length)}. Give '
        'these to seqio.PrePackedEncDecFeatureConverter or its like, as '
        'trainer_plugin.data does; or pack the data set anew for the others'
      )
    return dataset

  def _fits(self, given: Mapping[str, int]) -> bool:
    if 'decoder_segment_ids' in self._lengths:
      targets = given.get('targets', 0)
      length = self._lengths['decoder_segment_ids']
      # seqio's converter of a causal decoder is given only targets; that of a
      # prefix LM takes the sum of both.
      return length in (targets, targets + given.get('inputs', 0))
    return all(given.get(k, 0) >= n for k, n in self._lengths.items())


class TaskAdder:
  """Adds a manifest's data sets to seqio.

  A manifest of the Flan collection has thousands of data sets; their tasks
  share all objects that are the same, so that adding them takes seconds.
  """

  def __init__(
    self, manifest: Manifest, output: str, vocabulary: seqio.Vocabulary
  ):
    self._manifest = manifest
    self._output = output
    self._features = features_of(manifest, vocabulary)
    self._evaluations: Mapping[str, str] = manifest.run.get('evaluation', {})
    # Thousands of tasks are scored in a few dozen ways.
    self._scoring = functools.cache(
      functools.partial(scoring, decode=vocabulary.decode)
    )
    self._task_options: dict[str, Any] = {
      'task_cls': ManifestTask,
      'architecture': manifest.architecture,
    }
    if manifest.is_packed:
      self._task_options |= {
        'task_cls': PackedTask,
        'lengths': manifest.task_feature_lengths,
      }
    elif manifest.decoder_only:
      self._task_options |= {
        'task_cls': SumBoundedTask,
        'max_sum': sum(f.length for f in manifest.features.values()),
      }
    # With `use_cached`, seqio starts after the placeholder, with the records of
    # its cache. Without, our source gives the same records before it.
    self._preprocessors = [
      seqio.CacheDatasetPlaceholder(),
      _check_vocabulary(manifest),
      append_eos(manifest),
    ]

  def __call__(self, name: str) -> None:
    """Adds one data set."""
    seqio.TaskRegistry.add(
      name,
      source=ManifestDataSource(
        self._output, self._manifest.data_sets[name], self._manifest.features
      ),
      preprocessors=self._preprocessors,
      output_features=self._features,
      **self._task_options,
      **self._evaluation(name),
    )

  def _evaluation(self, name: str) -> dict[str, Any]:
    """Returns the functions that score a data set, if the manifest says how."""
    if name not in self._evaluations:
      return {}
    functions: Scoring = self._scoring(self._evaluations[name])
    return {
      'postprocess_fn': functions.postprocess_fn,
      'metric_fns': [functions.metric_fn],
    }


def _check_vocabulary(
  manifest: Manifest,
) -> Callable[[tf.data.Dataset, Any], tf.data.Dataset]:
  """Makes a preprocessor that compares vocabularies when a data set is read.

  Registration does not compare them: the file may be far away, and of thousands
  of tasks few are read.
  """
  known = manifest.vocabulary
  expected = {
    'sha256': known['sha256'],
    'extra ids': known['extra_ids'],
    'sentinels': known.get('sentinels', ''),
    'EOS': manifest.eos_id,
  }

  def check(
    dataset: tf.data.Dataset, output_features: Mapping[str, seqio.Feature]
  ) -> tf.data.Dataset:
    vocabulary = next(iter(output_features.values())).vocabulary
    path, found = _found(vocabulary)
    if wrong := {k: v for k, v in found.items() if v != expected[k]}:
      made = ', '.join(f'{k} {expected[k]}' for k in wrong)
      given = ', '.join(f'{k} {v}' for k, v in wrong.items())
      raise UserError(
        f"'{manifest.name}' was made with another vocabulary: {made}, not "
        f'{given} of {path}. Its ids mean other pieces: give the one that the '
        'data was made with, to register() or as VOCABULARY_PATH of a gin file'
      )
    return dataset

  return check


def _found(vocabulary: seqio.Vocabulary) -> tuple[str, dict[str, Any]]:
  """Tells where a vocabulary is from, and what can be known of it."""
  if isinstance(vocabulary, seqio.SentencePieceVocabulary):
    path = vocabulary.sentencepiece_model_file
    # Its EOS is in its file.
    return path, {
      'sha256': _sha256(path), 'extra ids': vocabulary.extra_ids
    }  # fmt: skip
  if isinstance(vocabulary, TokenizerVocabulary):
    loaded = vocabulary.loaded
    return vocabulary.path, {
      'sha256': loaded.sha256,
      'extra ids': loaded.extra_ids,
      'sentinels': loaded.named_sentinels,
      'EOS': loaded.eos_id,
    }
  # One of the user's own, of which seqio says no more.
  return type(vocabulary).__name__, {'EOS': vocabulary.eos_id}


@functools.cache
def _sha256(path: str) -> str:
  return hashlib.sha256(read(path)).hexdigest()
