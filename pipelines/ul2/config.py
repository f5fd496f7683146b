"""What a UL2 run depends on, and how its work is planned."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import importlib.metadata
import re
from typing import Any

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run import quarantine
from ul2_flan.pipelines.run.plan import Group, Plan
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.pipelines.storage import files, vocabularies
from ul2_flan.pipelines.ul2 import estimate
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import DenoiserTable, FeatureLengths
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Ul2Config:
  """All that the output of a UL2 run depends on.

  Attributes:
    inputs: paths, globs or folders.
    source_options: how they are read.
    vocabulary: path of the SentencePiece model.
    extra_ids: sentinels to append to it; None for what suits the model.
    table: TOML text of the denoisers.
    lengths: of the features.
    mode_tokens: a name of `denoising.MODE_TOKENS`.
    per_denoiser: one data set for each denoiser, instead of one of all.
    name: of the data set, or of the mixture of them.
    seed: of all random numbers.
    min_tokens: shorter documents and remainders are dropped.
    max_document_chars: longer documents are dropped; 0 for no limit.
    validation_fraction: expected share of documents in that split.
    shard_bytes: aimed at for a shard.
    min_shards: aimed at for each data set, so that hosts have shares.
    provenance: store where each example comes from.
  """

  inputs: tuple[str, ...]
  source_options: SourceOptions
  vocabulary: str
  extra_ids: int | None
  table: str
  lengths: FeatureLengths
  mode_tokens: str
  per_denoiser: bool
  name: str
  seed: int
  min_tokens: int
  max_document_chars: int
  validation_fraction: float
  shard_bytes: int
  min_shards: int
  provenance: bool

  def __post_init__(self) -> None:
    plan_lib.check_seed(self.seed)
    if self.mode_tokens not in denoising.MODE_TOKENS:
      raise unknown('--mode_tokens', self.mode_tokens, denoising.MODE_TOKENS)
    # Parts are folders below the output: '..' and '_progress' are none.
    if not re.fullmatch(r'[^\W_][\w.]*(:[^\W_][\w.]*)*', self.name):
      raise UserError(
        f"--name '{self.name}': seqio takes letters, digits, '_', '.', and ':' "
        'between parts; a part begins with a letter or digit'
      )
    if self.name.split(':')[0] == quarantine.FOLDER:
      raise UserError(
        f"--name '{self.name}': that folder is for what is rejected; give "
        'another name'
      )
    if not 0 <= self.validation_fraction <= plan_lib.MAX_VALIDATION_FRACTION:
      raise UserError(
        f'--validation_fraction is {self.validation_fraction}: it must be '
        f'within [0, {plan_lib.MAX_VALIDATION_FRACTION}]; to hold out more, '
        'run the pipeline on other files'
      )
    for flag in ('shard_bytes', 'min_shards'):
      if getattr(self, flag) < 1:
        raise UserError(f'--{flag} is {getattr(self, flag)}: at least 1')
    if (self.extra_ids or 0) < 0:
      raise UserError(f'--extra_ids is {self.extra_ids}: at least 0')
    if self.source_options.max_document_bytes < 1:
      raise UserError(
        f'--max_document_bytes is {self.source_options.max_document_bytes}: '
        'at least 1'
      )
    if self.max_document_chars < 0:
      raise UserError('--max_document_chars is negative; 0 is for no limit')


def make_plan(config: Ul2Config) -> Plan:
  """Plans a run: reads a sample of the sources, and no more.

  Raises:
    UserError: anything that can be known to be wrong before work starts.
  """
  vocabulary = vocabularies.load(config.vocabulary, config.extra_ids)
  table = denoising.parse_table(config.table, 'the table of denoisers')
  found = find_sources(config.inputs)
  data_sets = (
    tuple(f'{config.name}:{d.name}' for d in table.denoisers)
    if config.per_denoiser
    else (config.name,)
  )
  written = _as_written(config, vocabulary)
  plan = Plan(
    job='ul2',
    config=written,
    items=(),
    groups={config.name: Group(data_sets, 0, 0, 0)},
    estimate={},
    manifest=_known_manifest(config, table, vocabulary, data_sets),
  )
  rates = estimate.rates(Ul2Worker(plan), found)
  source_bytes = sum(size for _, size in found)
  expected = {k: round(v * source_bytes) for k, v in rates.items()}
  out_bytes = expected['bytes'] / len(data_sets)
  per_byte = out_bytes / max(source_bytes, 1)
  # A small corpus gets smaller shards, so that there are enough of them, and
  # one whose sample gives nothing is divided all the same.
  item_bytes = min(
    config.shard_bytes / max(per_byte, 1e-9), source_bytes / config.min_shards
  )
  item_bytes = max(item_bytes, 1)
  options = config.source_options
  pieces = [
    piece
    for path, size in found
    for piece in sources.split(path, size, int(item_bytes) + 1, options)
  ]
  if not pieces:
    raise UserError(f'all files of {" ".join(config.inputs)} are empty')
  parts = plan_lib.divide(config.name, pieces, item_bytes, 1 / item_bytes)
  held_out = out_bytes * config.validation_fraction
  shards = min(max(1, round(held_out / config.shard_bytes)), len(parts))
  group = Group(
    data_sets,
    parts=len(parts),
    shards=sum(part.num_shards for part in parts),
    validation_shards=shards if config.validation_fraction else 0,
  )
  return dataclasses.replace(
    plan,
    items=plan_lib.items_of(parts, 0),
    groups={config.name: group},
    estimate=expected,
  )


def find_sources(inputs: Sequence[str]) -> list[tuple[str, int]]:
  """Files and sizes of paths, globs and folders, sorted, each once."""
  found: dict[str, int] = {}
  for pattern in inputs:
    try:
      matches = [] if re.search(r'[*?[]', pattern) else _below(pattern)
      matches = matches or files.match(pattern)
    except OSError as e:
      raise UserError(f"--input '{pattern}': {e}") from e
    if not matches:
      raise UserError(f"--input '{pattern}' matches no file")
    found.update(matches)
  return sorted(found.items())


def _below(folder: str) -> list[tuple[str, int]]:
  """All files below a folder, but for what engines hide from each other.

  Those are markers such as `_SUCCESS`, and all in folders such as `_temporary`.
  """
  prefix = files.join(folder, '')
  return [
    (path, size)
    for path, size in files.match(files.join(folder, '**'))
    if not re.search(r'(^|/)[._]', path.removeprefix(prefix))
  ]


def _as_written(config: Ul2Config, vocabulary: Vocabulary) -> dict[str, Any]:
  """The configuration as the plan keeps it."""
  options = dataclasses.asdict(config.source_options)
  # The size of a block is the one setting that changes nothing.
  del options['block_bytes']
  return {
    'source_options': options,
    'vocabulary': vocabularies.described(vocabulary, config.vocabulary),
    'denoisers': config.table,
    'lengths': dataclasses.asdict(config.lengths),
    'mode_tokens': config.mode_tokens,
    'per_denoiser': config.per_denoiser,
    'name': config.name,
    'seed': config.seed,
    'min_tokens': config.min_tokens,
    'max_document_chars': config.max_document_chars,
    'validation_fraction': config.validation_fraction,
    'shard_bytes': config.shard_bytes,
    'min_shards': config.min_shards,
    'provenance': config.provenance,
    'version': importlib.metadata.version('ul2-flan'),
  }


def _known_manifest(
  config: Ul2Config,
  table: DenoiserTable,
  vocabulary: Vocabulary,
  data_sets: Sequence[str],
) -> dict[str, Any]:
  lengths = config.lengths
  features: dict[str, dict[str, Any]] = {
    'inputs': {
      'dtype': 'int32',
      'length': lengths.inputs,
      'add_eos': bool(lengths.inputs_eos),
    },
    'targets': {'dtype': 'int32', 'length': lengths.targets, 'add_eos': True},
  }
  if config.provenance:
    for name in ('source', 'key', 'denoiser'):
      features[f'provenance/{name}'] = {'dtype': 'string'}
  mixture = {
    name: d.rate for name, d in zip(data_sets, table.denoisers, strict=False)
  }
  return {
    'name': config.name,
    'features': features,
    'vocabulary': {
      **vocabularies.described(vocabulary, config.vocabulary),
      'size': vocabulary.size,
    },
    'decoder_only': lengths.decoder_only,
    'mixtures': {config.name: mixture} if config.per_denoiser else {},
  }
