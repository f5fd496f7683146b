"""Registers finished data sets with seqio.

    >>> from ul2_flan.tasks.register import register  # doctest: +SKIP
    >>> register('gs://bucket/ul2r/manifest.json')  # doctest: +SKIP
    ['ul2r']

Everything comes from the manifest, which has the name of each shard and its
counts. So registration opens no other file and lists no folder; shards are
opened when a data set is read. A task gives the same examples with `use_cached`
true, where stock seqio reads the folder, and false, where our source reads it.
"""

import posixpath

import seqio
import tensorflow as tf

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.registration import vocabulary as vocabulary_lib
from ul2_flan.tasks.registration.task import TaskAdder

# Maps each registered name to the manifest it came from.
_REGISTERED: dict[str, str] = {}


def register(
  manifest_path: str, vocabulary: seqio.Vocabulary | str | None = None
) -> list[str]:
  """Adds a manifest's data sets to seqio as tasks, and its mixtures.

  A second call for the same manifest adds nothing.

  Args:
    manifest_path: of `manifest.json`, or its folder.
    vocabulary: the model's, or the path of its file. By default the file that
      the data was made with, where the pipeline read it. T5X compares a task's
      vocabulary with the model's by path, so give the one that the model has.

  Returns:
    the names of the manifest's tasks and mixtures; the name of the run, if one
    of them has it, comes first.

  Raises:
    UserError: there is no manifest, or something else has one of the names. A
      wrong vocabulary is an error when data is read, not here.
  """
  manifest_path = manifest_lib.path_of(manifest_path)
  manifest = load_manifest(manifest_path)
  manifest_lib.refuse_export(manifest, manifest_path)
  output = posixpath.dirname(manifest_path)
  mixtures = _mixtures(manifest)
  names = [*mixtures, *manifest.data_sets]
  # The sort is stable: after the run's own name, the others keep their order.
  names.sort(key=lambda name: name != manifest.name)
  if all(_REGISTERED.get(name) == manifest_path for name in names):
    return names
  taken = {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}
  for name in names:
    if name in taken:
      source = _REGISTERED.get(name, 'other code')
      raise UserError(
        f"{manifest_path}: '{name}' is registered already, by {source}. Make "
        'the data sets with another --name'
      )
  # Where stock seqio looks for data sets when `use_cached` is true.
  seqio.add_global_cache_dirs([output])
  add_task = TaskAdder(manifest, output, _vocabulary(manifest, vocabulary))
  for name in manifest.data_sets:
    add_task(name)
  for name, members in mixtures.items():
    seqio.MixtureRegistry.add(name, members)
  _REGISTERED.update(dict.fromkeys(names, manifest_path))
  return names


def _mixtures(manifest: Manifest) -> dict[str, list[tuple[str, float]]]:
  """Returns the members of each mixture, with their rates.

  It leaves out data sets without examples. A denoiser has none if the corpus is
  tiny, and a task if none of its rows makes an example. Evaluation data have no
  training split, and are mixed for evaluation only.
  """
  data_sets = manifest.data_sets.items()
  trains = any('train' in splits for _, splits in data_sets)
  filled = {
    name
    for name, splits in data_sets
    if any(s.examples for k, s in splits.items() if k == 'train' or not trains)
  }
  members = {
    name: [(task, rate) for task, rate in rates.items() if task in filled]
    for name, rates in manifest.mixtures.items()
  }
  return {name: tasks for name, tasks in members.items() if tasks}


def load_manifest(path: str) -> Manifest:
  """Reads a manifest from any file system that TensorFlow opens.

  Args:
    path: of `manifest.json`, or its folder.

  Raises:
    UserError: there is no such file, or it is no manifest.
  """
  path = manifest_lib.path_of(path)
  try:
    with tf.io.gfile.GFile(path, 'rb') as f:
      data = f.read()
  except tf.errors.UnimplementedError as e:
    raise UserError(
      f'{path}: {e.message}. TensorFlow, which reads what is registered, opens '
      'local files and gs://. Copy the output there; or import what adds such '
      'paths to it first, as tensorflow_io does s3://'
    ) from e
  except tf.errors.OpError as e:
    raise UserError(
      f'{path}: {e.message}. A run writes it when it is complete; finish the '
      'run, or give the folder that was its --output'
    ) from e
  return manifest_lib.parse(data, path)


def _vocabulary(
  manifest: Manifest, given: seqio.Vocabulary | str | None
) -> seqio.Vocabulary:
  """Returns the vocabulary that is given, or else the manifest's."""
  if given is None or isinstance(given, str):
    return vocabulary_lib.described(manifest.vocabulary, given)
  return given
