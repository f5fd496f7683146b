"""Plans a UL2 run: finds sources, and divides them by what they will give."""

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.run import Group, Plan, Planned, checks, division
from ul2_flan.pipelines.run.paths import Ours
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.ul2 import estimate, outline, passes
from ul2_flan.pipelines.ul2.config import Config
from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.denoising import DenoiserTable
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans a run: reads a sample of the sources, and no more.

  Args:
    config: the run's.
    output: the folder that it will write to, and so does not read.

  Raises:
    UserError: something is wrong that can be known before work starts.
  """
  vocabulary = vocabularies.load(
    config.vocabulary, config.extra_ids, config.sentinels, config.eos
  )
  text = config.table_text()
  table = denoising.parse_table(text, 'the table of denoisers')
  name = config.name or table.name
  given = '--name' if config.name else f'--denoisers {config.denoisers}: name'
  checks.check_name(name, parts=True, given=given)
  found = find_sources(config.inputs, Ours(output, name))
  files = found.files
  data_sets = (
    tuple(f'{name}:{d.name}' for d in table.denoisers)
    if config.per_denoiser
    else (name,)
  )
  plan = Plan(
    kind='ul2',
    config=config.as_written(text, name, vocabulary),
    items=(),
    groups={name: Group(data_sets, 0, 0, 0)},
    estimate={},
    manifest=_known_manifest(config, name, table, vocabulary, data_sets),
  )
  worker = Ul2Worker(plan)
  # One data set of all denoisers keeps them apart in its validation split, so
  # that losses can be told by denoiser.
  denoisers = 1 if config.per_denoiser else len(table.denoisers)
  rates = estimate.rates(worker, files)
  plan = _divided(plan, config, files, rates, denoisers)
  lines = [outline.of_objective(worker.objective), found.note]
  facts = {'not_data': list(found.left_out)} if found.left_out else {}
  told = '\n'.join(filter(None, lines))
  return Planned(plan, told, facts, output=output)


def _divided(
  plan: Plan,
  config: Config,
  files: Sequence[tuple[str, int]],
  rates: Mapping[str, float],
  denoisers: int,
) -> Plan:
  """Divides the sources into work items.

  Args:
    plan: what is known so far.
    config: the run's.
    files: paths and sizes of the sources.
    rates: documents, tokens and bytes that a source byte gives.
    denoisers: by how many the validation examples of a data set are kept apart.
  """
  ((name, group),) = plan.groups.items()
  shard_bytes = checks.shard_bytes(config.shard_mb)
  source_bytes = sum(size for _, size in files)
  expected = {
    k: round(v * source_bytes * config.epochs) for k, v in rates.items()
  }
  # Of one pass.
  out_bytes = round(rates['bytes'] * source_bytes) / len(group.data_sets)
  per_byte = out_bytes / max(source_bytes, 1)
  # A small corpus gets smaller shards, so that there are enough of them. A
  # corpus whose sample gives nothing is divided in the same way.
  item_bytes = min(
    shard_bytes / max(per_byte, 1e-9),
    source_bytes * config.epochs / config.min_shards,
  )
  item_bytes = max(item_bytes, 1)
  pieces = pieces_of(config, files, int(item_bytes) + 1)
  parts = passes.repeated(
    division.divide(name, pieces, item_bytes, 1 / item_bytes), config.epochs
  )
  held_out = out_bytes * config.validation_fraction / denoisers
  shards = min(max(1, round(held_out / shard_bytes)), len(parts))
  group = Group(
    group.data_sets,
    parts=len(parts),
    shards=sum(part.num_shards for part in parts),
    validation_shards=shards * denoisers if config.validation_fraction else 0,
    denoisers=denoisers if config.validation_fraction else 1,
  )
  return dataclasses.replace(
    plan,
    items=division.items_of(parts, 0),
    groups={name: group},
    estimate=expected,
  )


def pieces_of(
  config: Config, files: Sequence[tuple[str, int]], piece_bytes: int
) -> list[Piece]:
  """Divides files into pieces of about so many bytes.

  Raises:
    UserError: all files are empty.
  """
  pieces = [
    piece
    for path, size in files
    for piece in sources.split(path, size, piece_bytes, config.source_options)
  ]
  if not pieces:
    raise UserError(f'all files of {" ".join(config.inputs)} are empty')
  return pieces


def _known_manifest(
  config: Config,
  name: str,
  table: DenoiserTable,
  vocabulary: Vocabulary,
  data_sets: Sequence[str],
) -> dict[str, Any]:
  """Returns what the manifest will say and is known before work starts."""
  sides = manifest_lib.of_sides(
    config.inputs_length,
    config.targets_length,
    decoder_only=config.decoder_only,
  )
  features = sides['features']
  if config.provenance:
    for feature in ('source', 'key', 'denoiser'):
      features[f'provenance/{feature}'] = {'dtype': 'string'}
  mixture = {
    data_set: d.rate
    for data_set, d in zip(data_sets, table.denoisers, strict=False)
  }
  # Which denoisers a data set has in turn, in as many validation shards each.
  by_denoiser = {}
  if config.validation_fraction and not config.per_denoiser:
    by_denoiser = {name: [denoiser.name for denoiser in table.denoisers]}
  return {
    'name': name,
    **sides,
    'vocabulary': vocabularies.described(vocabulary, config.vocabulary)
    | {'size': vocabulary.size},
    'mixtures': {name: mixture} if config.per_denoiser else {},
    'run': {'validation_by': by_denoiser} if by_denoiser else {},
  }
