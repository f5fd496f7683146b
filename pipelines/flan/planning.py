"""Plans a Flan run: finds the tasks' files and divides the work."""

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.flan import estimate, find_tasks, outline
from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.flan.context import cap_of, task_of
from ul2_flan.pipelines.flan.encode import PROVENANCE
from ul2_flan.pipelines.flan.find_tasks import FoundTasks
from ul2_flan.pipelines.flan.released import divide
from ul2_flan.pipelines.run import Group, Part, Plan, Planned, checks, division
from ul2_flan.pipelines.run.tables import grouped
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.task_sources import Located
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.alphabets import unwritable
from ul2_flan.tasks.catalog.licences import counted
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import evaluation_of
from ul2_flan.tasks.rendering import OwnTemplates, Renderer, Setting, family_of
from ul2_flan.tasks.rendering.sheet import samples
from ul2_flan.tasks.vocabulary import Vocabulary

# Source bytes of a work item: some seconds of rendering in each setting.
_ITEM_BYTES = 16 << 20

# Opening a task's files and setting up its templates costs as much as rendering
# so many source bytes.
_TASK_BYTES = 64 << 10

# A guess, where the catalog does not know how many rows a task has. Most rows
# are larger; only the division of large tasks depends on it.
_ROW_BYTES = 300

# How many tasks without a file of templates an error names.
_NAMED = 3

# Exemplars make an example about so many times as long as its row.
_EXAMPLE_FACTOR = 3


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans a run: lists the sources and reads a sample.

  Args:
    config: the run's.
    output: the folder that it will write to, and so does not read.

  Raises:
    UserError: something is wrong that can be known before work starts.
  """
  vocabulary = vocabularies.load(
    config.vocabulary, config.extra_ids, eos=config.eos
  )
  own_templates = config.read_templates()
  found = find_tasks.find(config, output)
  if not (found.located or found.released.settings):
    raise find_tasks.nothing_found(config, found)
  ours = _without_file(found, own_templates, config)
  groups, parts, evaluations = _divided(config, found, own_templates)
  items = division.items_of(parts, _ITEM_BYTES, _TASK_BYTES)
  if found.released.settings:
    of_dumps = divide.planned(found.released, config, items)
    items = of_dumps.items
    groups |= of_dumps.groups
    evaluations |= of_dumps.evaluations
  plan = Plan(
    kind='flan',
    config=config.as_written(vocabulary, own_templates, found.known, found.own),
    items=items,
    groups=groups,
    estimate={},
    manifest=_known_manifest(
      config,
      vocabulary,
      {
        'evaluation': evaluations,
        **found.released.in_manifest(),
        **_of_templates(config, ours),
      },
    ),
  )
  dump = found.released.dump
  plan = dataclasses.replace(plan, estimate=estimate.estimate(plan, dump))
  planned = _told(plan, output, found, vocabulary)
  return _with_ours(planned, ours) if ours else planned


def _divided(
  config: Config, found: FoundTasks, own_templates: OwnTemplates
) -> tuple[dict[str, Group], list[Part], dict[str, str]]:
  """Divides the tasks that are read from their own files.

  A task without a template for any setting becomes a missing one.

  Returns:
    the groups, their parts, and by data set how its answers are scored.
  """
  parts: list[Part] = []
  groups: dict[str, Group] = {}
  evaluations: dict[str, str] = {}
  for task, located in found.located:
    data_sets = _data_sets(task, config, own_templates)
    if not data_sets:
      found.missing[task.name] = f'no template for {", ".join(config.settings)}'
      del found.known[task.name]
      continue
    for data_set in data_sets:
      setting = Setting.parse(data_set.rsplit(':', 1)[1])
      evaluations[data_set] = evaluation_of(task, setting)
    held_out = located.splits.get('validation') or config.validation_fraction
    task_parts = _divide(task, located, config)
    parts += task_parts
    groups[task.name] = Group(
      data_sets,
      parts=len(task_parts),
      shards=sum(part.num_shards for part in task_parts),
      # Each part writes one, so the end of the run joins none.
      validation_shards=len(task_parts) if held_out else 0,
    )
  return groups, parts, evaluations


def _without_file(
  found: FoundTasks, own_templates: OwnTemplates, config: Config
) -> list[str]:
  """Returns the tasks that the user's templates have no file for.

  Raises:
    UserError: there are some, and `--templates_missing` does not allow it.
  """
  lacking = [
    task.name
    for task, _ in found.located
    if config.templates and not own_templates.has(task, config.as_released)
  ]
  if not lacking or config.templates_missing:
    return lacking
  more = len(lacking) - _NAMED
  rest = f' and {more:,} more' if more > 0 else ''
  of = " of google-research/FLAN's" if config.as_released else ''
  raise UserError(
    f"--templates '{config.templates}' has no file{of} for "
    f'{", ".join(lacking[:_NAMED])}{rest}. A file is DIR/SUITE/TASK.toml, or '
    'DIR/FAMILY.toml for a whole family. Give --templates_missing ours to '
    'take our own templates there, or leave the tasks out with --without'
  )


def _told(
  plan: Plan, output: str, found: FoundTasks, vocabulary: Vocabulary
) -> Planned:
  """Adds to a plan what people should know of its tasks."""
  tasks = [
    (t, located) for t, located in found.located if t.name in plan.groups
  ]
  all_tasks = [
    *(task for task, _ in tasks),
    *(task_of(plan.config, name) for name in found.released.settings),
  ]
  # Of several files of one name, the run reads the first.
  unread = {
    task.name: (located.splits['train'][0].path, *located.unread)
    for task, located in tasks
    if located.unread
  }
  lacking = unwritable(all_tasks, vocabulary.encode, vocabulary.unk_id)
  planned = outline.planned(
    plan, output, found.missing, found.left_out, unread, lacking
  )
  if of_dumps := list(found.released.told(len(found.released.settings))):
    text = '\n'.join([planned.outline, *of_dumps])
    planned = dataclasses.replace(planned, outline=text)
  if not found.unlicensed:
    return planned
  count = len(found.unlicensed)
  told = f'left out by --licence: {count:,} tasks, of the licences '
  told += counted(found.unlicensed)
  return dataclasses.replace(
    planned,
    outline=f'{planned.outline}\n{told}',
    facts={**planned.facts, 'left_out_by_licence': found.unlicensed},
  )


def _of_templates(config: Config, ours: Sequence[str]) -> dict[str, Any]:
  """Returns what the manifest says of templates, beside the configuration."""
  said: dict[str, Any] = {}
  if config.as_released:
    said['as_released'] = 'google-research/FLAN'
  if ours:
    said['templates_missing'] = list(ours)
  return said


def _with_ours(planned: Planned, ours: Sequence[str]) -> Planned:
  """Tells which tasks have our own templates, for want of a user's."""
  told = grouped(dict.fromkeys(ours, '--templates has no file for it'))
  return dataclasses.replace(
    planned,
    outline=f'{planned.outline}\nour own templates: {told}',
    facts={**planned.facts, 'templates_missing': [*ours]},
  )


def _data_sets(
  task: Task, config: Config, own_templates: OwnTemplates
) -> tuple[str, ...]:
  """Names a data set for each setting that the task has templates for.

  A task without options gets one for settings that differ in these alone,
  unless the user's templates tell them apart.
  """
  # The names of the templates that go with each setting.
  labels: dict[Setting, list[str]] = {}
  instances, pool = samples(task, family_of(task))
  for setting in map(Setting.parse, config.settings):
    renderer = Renderer.of(
      task,
      setting,
      own_templates=own_templates,
      seed=config.seed,
      as_released=config.as_released,
    )
    if renderer.released and (
      not setting.options and task.suite in renderer.released.options_only
    ):
      continue
    # A setting that has no template for a made-up instance has none at all.
    try:
      forms = renderer.forms(instances, pool).forms
    except UserError:
      continue
    labels[setting] = [form.label for form in forms]
  return tuple(
    f'{config.name}:{task.name}:{setting}'
    for setting, its in labels.items()
    if task.options != 'none'
    or setting.options
    or labels.get(setting.counterpart) != its
  )


def _divide(task: Task, located: Located, config: Config) -> list[Part]:
  """Divides a task into parts; one, unless much of it is rendered."""
  pieces: list[Piece] = [
    dataclasses.replace(piece, split=split)
    for split in ('train', 'validation')
    for piece in located.splits.get(split, ())
  ]
  size = sum(piece.size for piece in pieces)
  rows = task.examples or size / _ROW_BYTES
  cap = cap_of(task, config.cap, config.as_released)
  # Source bytes that the cap leaves.
  rendered = size * min(1.0, cap / rows) if cap else size
  shard_bytes = checks.shard_bytes(config.shard_mb)
  part_bytes = float('inf')
  if rendered > _ITEM_BYTES:
    part_bytes = _ITEM_BYTES * size / rendered
  return division.divide(
    task.name,
    pieces,
    part_bytes,
    _EXAMPLE_FACTOR * rendered / max(size, 1) / shard_bytes,
  )


def _known_manifest(
  config: Config, vocabulary: Vocabulary, run: Mapping[str, Any]
) -> dict[str, Any]:
  """Returns what the manifest will say and is known already."""
  sides = manifest_lib.of_sides(
    config.inputs_length,
    config.targets_length,
    decoder_only=config.decoder_only,
  )
  features = sides['features']
  if config.keep_text:
    for name in ('inputs', 'targets'):
      features[f'{name}_pretokenized'] = {'dtype': 'string'}
  if config.provenance:
    for name in PROVENANCE:
      features[f'provenance/{name}'] = {'dtype': 'string'}
  return {
    'name': config.name,
    **sides,
    'vocabulary': vocabularies.described(vocabulary, config.vocabulary)
    | {'size': vocabulary.size},
    'run': dict(run),
  }
