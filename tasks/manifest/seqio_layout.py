"""Files and folders as seqio's cached tasks have them.

seqio looks for a task named 'a:b' in the folder a/b, where each split has
`info.<split>.json` (features and the number of shards), `stats.<split>.json`
(counts) and `<split>.tfrecord-<i>-of-<n>`.
"""

from collections.abc import Mapping
from typing import Any

from ul2_flan.tasks.manifest.contents import (
  JSON_LINES,
  TFRECORD,
  Feature,
  Split,
)

# The version of seqio whose layout this is. seqio reads it in `info` to tell
# how int32 is stored.
_SEQIO_VERSION = '0.0.20'

# Names of shards, by their format: seqio's, those that readers of exports
# expect, and those of reports.
_FILE_NAMES = {
  TFRECORD: '{split}.tfrecord-{place}',
  'parquet': '{split}-{place}.parquet',
  'array_record': '{split}.array_record-{place}',
  'chat': '{split}-{place}.jsonl',
  JSON_LINES: '{split}-{place}.jsonl',
}

# The formats of exports.
EXPORTS = tuple(n for n in _FILE_NAMES if n not in (TFRECORD, JSON_LINES))


def folder_of(data_set: str) -> str:
  """Returns a data set's folder, relative to the output.

  >>> folder_of('ul2r:r_3_15')
  'ul2r/r_3_15'
  """
  return data_set.replace(':', '/')


def shard_path(
  data_set: str, split: str, index: int, count: int, file_format: str = TFRECORD
) -> str:
  """Returns a shard's path, relative to the output.

  >>> shard_path('ul2r', 'train', 3, 64)
  'ul2r/train.tfrecord-00003-of-00064'
  >>> shard_path('ul2r', 'train', 3, 64, 'parquet')
  'ul2r/train-00003-of-00064.parquet'
  """
  place = f'{index:05d}-of-{count:05d}'
  name = _FILE_NAMES[file_format].format(split=split, place=place)
  return f'{folder_of(data_set)}/{name}'


def seqio_files(
  data_set: str,
  splits: Mapping[str, Split],
  features: Mapping[str, Feature],
  vocabulary: Mapping[str, Any],
) -> dict[str, Mapping[str, Any]]:
  """Makes the two files by which seqio knows a cached task, for each split.

  Args:
    data_set: its name.
    splits: its shards and counts.
    features: of its examples.
    vocabulary: as in `Manifest`.

  Returns:
    the JSON of `info.<split>.json` and `stats.<split>.json`, by their paths
    relative to the output.
  """
  folder = folder_of(data_set)
  described = {
    name: {'dtype': f.dtype, 'shape': [None] if f.dtype == 'int32' else []}
    for name, f in features.items()
  }
  files: dict[str, Mapping[str, Any]] = {}
  for split, info in splits.items():
    files[f'{folder}/info.{split}.json'] = {
      'features': described,
      'num_shards': len(info.shards),
      'seqio_version': _SEQIO_VERSION,
      'vocabulary_sha256': vocabulary['sha256'],
    }
    files[f'{folder}/stats.{split}.json'] = info.stats
  return files
