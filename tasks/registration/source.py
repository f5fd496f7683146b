"""A source for seqio that knows its shards and their counts beforehand."""

from collections.abc import Mapping
import functools
import posixpath
from typing import Any

import seqio
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Split


class ManifestDataSource(seqio.FileDataSource):
  """Reads the shards that a manifest lists.

  seqio's own source matches a pattern of names. It would also read a shard that
  an earlier run left behind, and does not miss one that is gone.
  """

  def __init__(
    self,
    output: str,
    splits: Mapping[str, Split],
    features: Mapping[str, Feature],
  ):
    """Opens no shard.

    Args:
      output: the folder that the paths of shards are relative to.
      splits: by name. The source has those that have examples.
      features: by name. Those of dtype 'int32' are sequences of any length,
        int32 [length]; others are scalars: text, or a number.
    """
    self._output = output
    self._shards = {
      name: tuple([shard.path for shard in split.shards])
      for name, split in splits.items()
      if split.examples
    }
    super().__init__(
      read_file_fn=functools.partial(_read_examples, features=features),
      split_to_filepattern=self._shards,
      num_input_examples={name: splits[name].examples for name in self._shards},
    )

  def list_shards(self, split: str) -> list[str]:
    """Returns the paths of a split's shards, in the order of the manifest.

    Raises:
      UserError: the split is empty or not there.
    """
    self._refuse_empty(split)
    return [posixpath.join(self._output, path) for path in self._shards[split]]

  def num_input_examples(self, split: str) -> int | None:
    """Returns how many examples a split has.

    Raises:
      UserError: the split is empty or not there.
    """
    self._refuse_empty(split)
    count: int | None = super().num_input_examples(split)
    return count

  def _refuse_empty(self, split: str) -> None:
    if split not in self._shards:
      # Of all data sets only the shards tell the name here.
      some = [paths[0] for paths in self._shards.values()]
      where = posixpath.join(self._output, posixpath.dirname([*some, ''][0]))
      raise UserError(
        f"{where}: no examples in split '{split}', only in "
        f'{", ".join(self._shards) or "none"}. Make the data with some '
        '(--validation_fraction), or read another split'
      )


def _read_examples(
  file: Any, features: Mapping[str, Feature]
) -> tf.data.Dataset:
  """Reads the examples of a TFRecord file."""
  # TFRecords have no int32: ids are stored as int64.
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
