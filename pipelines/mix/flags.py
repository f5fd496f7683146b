"""The flags of the `mix` command; `Config` has their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.common_flags import MIN_SHARDS, SEED, shard_mb
from ul2_flan.pipelines.launch.flags import Flag, FlagGroup
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.packing import ARCHITECTURES
from ul2_flan.tasks.errors import UserError

_MIXED = (
  Flag(
    'manifest',
    'outputs of finished runs of ul2 and flan, made with one vocabulary and '
    'the same lengths',
    'DIR',
    many='+',
    field='manifests',
  ),
  Flag('mixture', 'such as flan2022_b', 'NAME'),
  Flag('definitions', 'files with mixtures of your own', 'TOML', many='+'),
  Flag(
    'include',
    "also what the collection leaves out: 'mmlu_related', or patterns of tasks "
    'or categories',
    'WHAT',
    many='+',
  ),
  Flag('exclude', 'hold out patterns of tasks or categories', 'WHAT', many='+'),
)

_SIZE = (
  Flag(
    'num_examples',
    'how many an epoch has; by default as many as there are before the first '
    'repeat',
    'N',
    int,
  ),
  Flag(
    'epochs',
    'how many follow one another, each in another order (%(default)s)',
    'N',
    int,
  ),
  Flag(
    'num_validation_examples',
    'the most that the validation split has (%(default)s); none is there twice',
    'N',
    int,
  ),
  SEED,
)

_PACKING = (
  Flag(
    'pack',
    "put several examples in a sequence, for seqio's pre-packed converters: "
    'encoder-decoder, prefix LM, or LM with the loss on inputs too',
    choices=ARCHITECTURES,
  ),
  Flag(
    'task_feature_lengths',
    'the lengths of a sequence, such as inputs=2048,targets=512; by default '
    'those that the examples were made for',
    'F=N,…',
  ),
)

_DATA_SET = (
  Flag('name', "by default the mixture's and _mixed or _packed", 'NAME'),
  shard_mb(),
  MIN_SHARDS,
)

_PASSES = Flag(
  'passes',
  'make the shards in N turns, each of which shuffles so much less '
  '(%(default)s)',
  'N',
  int,
)

# `passes` is no field of `Config`: no byte of the output depends on it.
FLAGS = (
  FlagGroup('what is mixed', _MIXED, Config),
  FlagGroup('how much of it', _SIZE, Config),
  FlagGroup('packing', _PACKING, Config),
  FlagGroup('the data set', _DATA_SET, Config),
  FlagGroup('the shuffle', (_PASSES,), Engine),
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  lengths = values['task_feature_lengths']
  return Config(
    **{**values, 'task_feature_lengths': _lengths(lengths) if lengths else {}}
  )


def _lengths(text: str) -> dict[str, int]:
  """Reads lengths by feature.

  >>> _lengths('inputs=2048,targets=512')
  {'inputs': 2048, 'targets': 512}
  """
  lengths = {}
  for part in filter(None, text.split(',')):
    name, _, length = part.partition('=')
    if not length.isdigit():
      raise UserError(
        f"--task_feature_lengths '{text}': give such as inputs=2048,targets=512"
      )
    lengths[name.strip()] = int(length)
  return lengths
