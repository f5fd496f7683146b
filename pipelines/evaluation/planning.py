"""Plans a run: reads all questions, which are few, and writes nothing."""

from collections import Counter
from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.evaluation import estimate, outline
from ul2_flan.pipelines.evaluation.columns import (
  NUMBERS,
  RANK_NUMBERS,
  RANK_TEXTS,
  TEXTS,
)
from ul2_flan.pipelines.evaluation.config import Config
from ul2_flan.pipelines.evaluation.find_suites import (
  FoundTask,
  find_tasks,
  read_material,
  task_of,
)
from ul2_flan.pipelines.evaluation.worker import SAMPLE, asked, prompter_of
from ul2_flan.pipelines.run import Group, Part, Plan, Planned, division
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.ceiling import writable
from ul2_flan.tasks.evaluation.reading import Material
from ul2_flan.tasks.vocabulary import Vocabulary

# Source bytes of a work item, and what a task costs besides reading its files:
# a prompt is many times as long as its question.
_ITEM_BYTES, _TASK_BYTES = 1 << 20, 128 << 10

# Tasks that an error lists.
_LISTED = 8


@dataclasses.dataclass(slots=True)
class Tasks:
  """What was found of the tasks of a run.

  Attributes:
    known: for each task what the plan keeps, as JSON.
    groups: their data sets.
    parts: one for each task.
    ceilings: the accuracy that the vocabulary allows, in percent, if not 100.
    missing: tasks, and variants of tasks, that cannot be had, and why.
  """

  known: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
  groups: dict[str, Group] = dataclasses.field(default_factory=dict)
  parts: list[Part] = dataclasses.field(default_factory=list)
  ceilings: dict[str, float] = dataclasses.field(default_factory=dict)
  missing: dict[str, str] = dataclasses.field(default_factory=dict)


def make_plan(config: Config, output: str = '') -> Planned:
  """Plans a run.

  Args:
    config: the run's.
    output: the folder that it will write to, and so does not read.

  Raises:
    UserError: something is wrong that can be known before work starts.
  """
  vocabulary = vocabularies.load(
    config.vocabulary, config.extra_ids, eos=config.eos
  )
  tasks = Tasks()
  for found in find_tasks(config, output):
    _add(tasks, found, config, vocabulary)
  if not tasks.groups:
    raise _nothing_found(tasks.missing)
  if tasks.ceilings and not config.allow_unwritable:
    raise _unwritable(tasks.ceilings, config.vocabulary)
  plan = Plan(
    kind='evaluation',
    config=config.as_written(vocabulary, tasks.known),
    items=division.items_of(tasks.parts, _ITEM_BYTES, _TASK_BYTES),
    groups=tasks.groups,
    estimate={},
    manifest=_known_manifest(config, vocabulary, tasks),
  )
  plan = dataclasses.replace(plan, estimate=estimate.estimate(plan))
  return outline.planned(plan, output, tasks.missing, tasks.ceilings)


def _add(
  tasks: Tasks, found: FoundTask, config: Config, vocabulary: Vocabulary
) -> None:
  """Adds a task and its data sets, or tells why it is missing."""
  task = found.task
  # Files of several tasks may have others' exemplars alone.
  pieces = found.pieces if found.has_questions else ()
  material = read_material(task, pieces, found.source)
  questions = material.questions.get(found.split, ())
  if not questions:
    # A suite's mean goes without the tasks that no category has.
    if task.category or task.name in config.tasks:
      tasks.missing[task.name] = _no_questions(found.split, material)
    return
  some = material.sample(found.split, SAMPLE + (config.exemplars or 0))
  variants = _variants(tasks, some, found.split, config)
  if not variants:
    return
  known = {'split': found.split, 'questions': len(questions)}
  if found.source:
    known['source'] = found.source
  if material.left_out:
    known['left_out'] = {**Counter(one.reason for one in material.left_out)}
  tasks.known[task.name] = known
  tasks.groups[task.name] = Group(
    tuple(f'{config.name}:{task.name}:{variant}' for variant in variants),
    parts=1,
    shards=1,
    validation_shards=0,
    split='test',
  )
  tasks.parts += division.divide(task.name, found.pieces, float('inf'), 0)
  if task.ranked:
    # Who ranks choices writes none.
    return
  right = writable(task, questions, vocabulary)
  if right < len(questions):
    tasks.ceilings[task.name] = round(100 * right / len(questions), 2)


def _no_questions(split: str, material: Material) -> str:
  """Says why a task has no questions: by the first row that is none."""
  why = f'no questions of split {split}'
  return next((f'{why}; {one.detail}' for one in material.left_out), why)


def _variants(
  tasks: Tasks, material: Material, split: str, config: Config
) -> list[str]:
  """Returns the variants that a task's files suffice for, by one question."""
  variants = []
  for variant in config.variants_of(suites.load(material.task.suite)):
    try:
      ask = prompter_of(material, variant, config.template, config.exemplars)
      ask(asked(material, variant, split)[0])
    except UserError as e:
      tasks.missing[f'{material.task.name}:{variant}'] = str(e)
    else:
      variants.append(variant)
  return variants


def _nothing_found(missing: Mapping[str, str]) -> UserError:
  for task, why in missing.items():
    return UserError(
      f'none of {len(missing)} tasks can be asked; the first is {task}: {why}. '
      'Look at --source and --split'
    )
  return UserError(
    'no task is left: look at --suites, --tasks, --without and --variants'
  )


def _unwritable(ceilings: Mapping[str, float], vocabulary: str) -> UserError:
  some = dict(sorted(ceilings.items(), key=lambda task: task[1])[:_LISTED])
  return UserError(
    f'{vocabulary} cannot write some right answers, so that no model gets more '
    f'than a part of these {len(ceilings)} tasks right: '
    f'{outline.listed(some)}{" …" * (len(some) < len(ceilings))}. Give '
    '--allow_unwritable to ask all the same, or leave the tasks out with '
    '--without'
  )


def _known_manifest(
  config: Config, vocabulary: Vocabulary, tasks: Tasks
) -> dict[str, Any]:
  """Returns what the manifest will say and is known already."""
  sides = manifest_lib.of_sides(
    config.inputs_length,
    config.targets_length,
    decoder_only=config.decoder_only,
  )
  features = sides['features']
  features |= {name: {'dtype': 'string'} for name in TEXTS}
  features |= {name: {'dtype': 'int64'} for name in NUMBERS}
  if any(task_of(name).ranked for name in tasks.groups):
    features |= {name: {'dtype': 'string'} for name in RANK_TEXTS}
    features |= {name: {'dtype': 'int64'} for name in RANK_NUMBERS}
  return {
    'name': config.name,
    **sides,
    'vocabulary': vocabularies.described(vocabulary, config.vocabulary)
    | {'size': vocabulary.size},
    'run': {
      'evaluation': {
        data_set: (
          f'{"rank" if task_of(name).ranked else "suite"}:'
          f'{data_set.removeprefix(f"{config.name}:")}'
        )
        for name, group in tasks.groups.items()
        for data_set in group.data_sets
      },
      'ceilings': tasks.ceilings,
      # By which others read the questions again; see `contamination.items`.
      'pieces': {
        part.group: [dataclasses.asdict(piece) for piece in part.pieces]
        for part in tasks.parts
      },
    },
  }
