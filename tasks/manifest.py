"""What a finished run says of itself: `manifest.json`, and seqio's own files.

The manifest is the contract between the pipelines that write data sets and all
that reads them: registration, mixing and verification look here and not into
folders. Beside it each data set has the three files of seqio's cached tasks, so
stock seqio reads it with nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import posixpath
from typing import Any

import orjson

from ul2_flan.tasks.errors import UserError

FORMAT = 1
FILE_NAME = 'manifest.json'

# The version of seqio whose layout this is. seqio reads the key to tell how
# int32 is stored.
_SEQIO_VERSION = '0.0.20'


def path_of(output: str) -> str:
  """The path of a run's manifest: of the file itself, or of the run's output.

  >>> path_of('gs://b/flan/'), path_of('gs://b/flan/manifest.json')
  ('gs://b/flan/manifest.json', 'gs://b/flan/manifest.json')
  """
  return (
    output if output.endswith('.json') else posixpath.join(output, FILE_NAME)
  )


@dataclasses.dataclass(frozen=True, slots=True)
class Feature:
  """A feature of the examples of a run.

  Attributes:
    dtype: 'int32', stored as int64, or 'string'.
    length: tokens that examples were made for, EOS included; 0 if not tokens.
    add_eos: whether the reader is to append EOS: records never hold it.
  """

  dtype: str
  length: int = 0
  add_eos: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Shard:
  """One TFRecord file.

  Attributes:
    path: below the output folder.
    records: examples in it.
    bytes: its size.
    crc32c: of its bytes, eight hexadecimal digits.
  """

  path: str
  records: int
  bytes: int
  crc32c: str


@dataclasses.dataclass(frozen=True, slots=True)
class Split:
  """One split of a data set.

  Attributes:
    shards: in order.
    stats: 'examples', '<feature>_tokens' and '<feature>_max_tokens' as seqio
      names them, EOS not counted, and 'source_tokens'.
  """

  shards: tuple[Shard, ...]
  stats: Mapping[str, int]

  @property
  def examples(self) -> int:
    """Number of examples."""
    return self.stats['examples']


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
  """A finished run.

  Attributes:
    name: of the run, and of what it registers.
    features: of all its data sets.
    vocabulary: 'path', 'sha256', 'extra_ids' and 'size'.
    decoder_only: whether inputs and targets are bounded by their sum only.
    data_sets: name -> split -> shards and counts.
    mixtures: name -> data set -> rate.
    run: what else is known: configuration, sources, counts, versions; 'job',
      the kind of run; 'left_out', what it went without, and why; 'evaluation',
      how data sets of tasks are scored (`evaluation.evaluation_of`).
  """

  name: str
  features: Mapping[str, Feature]
  vocabulary: Mapping[str, Any]
  decoder_only: bool
  data_sets: Mapping[str, Mapping[str, Split]]
  mixtures: Mapping[str, Mapping[str, float]]
  run: Mapping[str, Any]

  @property
  def is_packed(self) -> bool:
    """Whether its examples are packed sequences."""
    return any(name.endswith('_segment_ids') for name in self.features)

  @property
  def task_feature_lengths(self) -> dict[str, int]:
    """The lengths with which seqio reads examples as they are, in tokens.

    Of packed decoders, seqio's converters want those of 'inputs' and 'targets'
    too, and take their sum, or the latter, for the length of a sequence.
    """
    lengths = {k: f.length for k, f in self.features.items() if f.length}
    if 'decoder_causal_attention' in lengths:
      packed = self.run['config']['pack']
      lengths |= {side: packed[side] for side in ('inputs', 'targets')}
    elif 'decoder_segment_ids' in lengths:
      lengths['targets'] = lengths['decoder_segment_ids']
    return lengths

  def to_dict(self) -> dict[str, Any]:
    """The manifest as JSON has it.

    Its mappings are shared and not copied, as `dataclasses.asdict` would: there
    may be ten thousand data sets.
    """
    return {
      'format': FORMAT,
      **_fields(self),
      'features': {k: _fields(f) for k, f in self.features.items()},
      'data_sets': {
        name: {
          split: {**_fields(info), 'shards': [_fields(s) for s in info.shards]}
          for split, info in splits.items()
        }
        for name, splits in self.data_sets.items()
      },
    }


def _fields(value: Manifest | Feature | Split | Shard) -> dict[str, Any]:
  return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def parse(data: bytes, where: str) -> Manifest:
  """Reads a manifest.

  Raises:
    UserError: it is not one, or one of another version.
  """
  try:
    raw = orjson.loads(data)
  except ValueError as e:
    raise UserError(f'{where} is not a manifest: {e}') from e
  if not isinstance(raw, dict) or raw.pop('format', None) != FORMAT:
    raise UserError(
      f'{where} is not a manifest of format {FORMAT}: it was written by '
      'another version of ul2-flan; make the data sets anew'
    )
  try:
    return _parse(raw)
  except (AttributeError, KeyError, TypeError) as e:
    raise UserError(
      f'{where} is not a manifest of format {FORMAT}: {e!r}. It was changed or '
      'is of another version; make the data sets anew'
    ) from e


def _parse(raw: dict[str, Any]) -> Manifest:
  features = {k: Feature(**v) for k, v in raw.pop('features').items()}
  data_sets = {
    name: {
      split: Split(tuple(Shard(**s) for s in info['shards']), info['stats'])
      for split, info in splits.items()
    }
    for name, splits in raw.pop('data_sets').items()
  }
  return Manifest(features=features, data_sets=data_sets, **raw)


def folder_of(data_set: str) -> str:
  """A data set's folder below the output, as seqio has it.

  >>> folder_of('ul2r:r_3_15')
  'ul2r/r_3_15'
  """
  return data_set.replace(':', '/')


def shard_path(data_set: str, split: str, index: int, count: int) -> str:
  """A shard's path below the output, as seqio has it.

  >>> shard_path('ul2r', 'train', 3, 64)
  'ul2r/train.tfrecord-00003-of-00064'
  """
  folder = folder_of(data_set)
  return f'{folder}/{split}.tfrecord-{index:05d}-of-{count:05d}'


def seqio_files(
  data_set: str,
  splits: Mapping[str, Split],
  features: Mapping[str, Feature],
  vocabulary: Mapping[str, Any],
) -> dict[str, Mapping[str, Any]]:
  """`info.<split>.json` and `stats.<split>.json` of a data set, by path."""
  folder = folder_of(data_set)
  described = {
    name: {'dtype': f.dtype, 'shape': [None] if f.dtype == 'int32' else []}
    for name, f in features.items()
  }
  found: dict[str, Mapping[str, Any]] = {}
  for split, info in splits.items():
    found[f'{folder}/info.{split}.json'] = {
      'features': described,
      'num_shards': len(info.shards),
      'seqio_version': _SEQIO_VERSION,
      'vocabulary_sha256': vocabulary['sha256'],
    }
    found[f'{folder}/stats.{split}.json'] = info.stats
  return found
