"""The flags of the `ul2` command; `Config` has their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.launch.common_flags import (
  MIN_SHARDS,
  SEED,
  model_flags,
  shard_mb,
)
from ul2_flan.pipelines.launch.flags import Flag, FlagGroup
from ul2_flan.pipelines.sources import READERS
from ul2_flan.pipelines.ul2.config import Config
from ul2_flan.tasks.denoising.denoiser import ON_SENTINEL_OVERFLOW

_SOURCES = (
  Flag(
    'input',
    'files, globs or folders; .gz, .bz2 and .zst are decompressed',
    'PATH',
    many='+',
    field='inputs',
  ),
  Flag(
    'format',
    'by the file name (auto), or one of ' + ', '.join(READERS),
    'KIND',
  ),
  Flag('text_field', 'the field that holds the text (%(default)s)', 'NAME'),
  Flag('id_field', 'identifies a document; by default its text does', 'NAME'),
  Flag(
    'max_document_bytes',
    'longer records are rejected unread (%(default)s)',
    'N',
    int,
  ),
  Flag(
    'max_document_chars',
    'longer documents are dropped; 0 for no limit (%(default)s)',
    'N',
    int,
  ),
  Flag(
    'validation_fraction',
    "share of documents held out, chosen by their keys (%(default)s, C4's); 0 "
    'for no validation split',
    'F',
    float,
  ),
)

_DENOISERS = (
  Flag('preset', 'see below (%(default)s)', 'NAME'),
  Flag('denoisers', 'a table of your own, instead', 'TOML'),
  Flag(
    'mode_tokens',
    'nlu_s2s_nlg for [NLU] [S2S] [NLG], r_s_x for [R] [S] [X], or none '
    '(%(default)s)',
    'SET',
  ),
  Flag(
    'on_sentinel_overflow',
    'if a denoiser needs more sentinels than there are: refuse it, shorten its '
    "segments, or merge spans; by default the table's choice",
    choices=ON_SENTINEL_OVERFLOW,
  ),
  Flag(
    'min_tokens',
    'shorter documents, and remainders, are dropped (%(default)s: below it a '
    'density of 15%% masks at most two tokens)',
    'N',
    int,
  ),
  SEED,
)

_DATA_SETS = (
  Flag('name', "by default the table's, such as ul2r", 'NAME'),
  Flag(
    'per_denoiser',
    'make a data set for each denoiser, so that rates can be changed when '
    "training; by default one data set in the table's rates",
  ),
  shard_mb(),
  MIN_SHARDS,
  Flag('provenance', "store each example's source, key and denoiser"),
)

FLAGS = tuple(
  FlagGroup(title, flags, Config)
  for title, flags in (
    ('sources', _SOURCES),
    (
      'the model',
      model_flags(
        inputs_have='mode token and EOS',
        decoder_only='bound the sum of both lengths, for a prefix LM; inputs '
        'get no EOS',
      ),
    ),
    ('the denoisers', _DENOISERS),
    ('the data sets', _DATA_SETS),
  )
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the flags' values."""
  return Config(**values)
