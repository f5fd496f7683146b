"""Loads what all tasks of a run share, and what all blocks of a task share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.flan.encode import Encoder
from ul2_flan.pipelines.flan.selection import Selector
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.storage import left_out_keys, vocabularies
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Source, Task, released
from ul2_flan.tasks.own_tasks import OwnTasks
from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.rendering import (
  TK_INSTRUCT,
  Charset,
  ExemplarCount,
  Family,
  OwnTemplates,
  Renderer,
  Setting,
)


def task_of(config: Mapping[str, Any], name: str) -> Task:
  """Returns a task of a run: the catalog's, or one of a user's own."""
  known = config['tasks'][name]
  if 'unlisted' in known:
    return catalog.unlisted(*known['unlisted'])
  if 'released' in known and (task := released.load(name)):
    return task
  return OwnTasks.of(config.get('catalog', {})).load(name)


def origin_of(plan: Plan) -> Origin:
  """Returns the licences and languages of a run's tasks."""
  tasks = [task_of(plan.config, name) for name in plan.config['tasks']]
  return Origin.of(
    [(task.licence, task.name) for task in tasks],
    [language for task in tasks for language in task.languages],
  )


def cap_of(task: Task, cap: int | None) -> int:
  """Returns the most rows of a task; 0 for no limit.

  Args:
    task: the task.
    cap: what `--cap` says; None for the cap of the task's suite.
  """
  return task.cap if cap is None else cap


def _source_for(settings: Sequence[Setting], source: Source) -> Source:
  """Returns a source whose rows have what Tk-Instruct's setting needs."""
  if any(setting.reasoning == TK_INSTRUCT for setting in settings):
    return dataclasses.replace(source, prepare='tk_instruct')
  return source


def selector_of(config: Mapping[str, Any], task: Task) -> Selector:
  """Returns what chooses the rows of a task of a run."""
  return Selector(
    task.name,
    config['seed'],
    cap_of(task, config['cap']),
    config['validation_cap'],
    config['tasks'][task.name]['held_out'],
  )


class Encoding:
  """What all tasks of a run share: its vocabulary, lengths and templates."""

  def __init__(self, config: Mapping[str, Any]):
    """Loads the vocabulary and finds which characters it can write."""
    vocabulary = vocabularies.load_planned(config['vocabulary'])
    self.templates = OwnTemplates.of(config['templates'])
    self.left_out = left_out_keys.load_planned(config)
    self.charset = Charset.of(vocabulary.encode, vocabulary.unk_id)
    self.encoder = Encoder(
      vocabulary,
      self.charset,
      config['lengths'],
      provenance=config['provenance'],
      keep_text=config['keep_text'],
    )


@dataclasses.dataclass(frozen=True, slots=True)
class TaskContext:
  """All that the blocks of a task share.

  Attributes:
    task: the task.
    source: the one of its sources that was found.
    family: its templates.
    seed: the run's.
    selector: chooses its rows.
    renderers: one for each setting.
    data_sets: the names of the data sets that these make.
    encoder: the run's.
    left_out: uint64 [n], sorted, keys of instances to leave out.
  """

  task: Task
  source: Source
  family: Family
  seed: int
  selector: Selector
  renderers: tuple[Renderer, ...]
  data_sets: tuple[str, ...]
  encoder: Encoder
  left_out: UInt64s

  @classmethod
  def of(cls, plan: Plan, group: str, encoding: Encoding) -> TaskContext:
    """Loads the context of a task.

    Args:
      plan: the plan of a Flan run.
      group: the name of the task, which is a group of the plan.
      encoding: the run's.
    """
    config = plan.config
    known = config['tasks'][group]
    task = task_of(config, group)
    family = encoding.templates.family(task)
    task = family.task(task)
    lengths = config['lengths']
    # On disk, the number of exemplars is called 'shots'.
    fewest, most = config['shots']
    exemplar_count = ExemplarCount(
      fewest, most, lengths['inputs'] - lengths['inputs_eos']
    )
    data_sets = plan.groups[group].data_sets
    settings = [Setting.parse(d.rsplit(':', 1)[1]) for d in data_sets]
    source = _source_for(settings, task.sources[known['source']])
    return cls(
      task,
      source,
      family,
      config['seed'],
      selector_of(config, task),
      tuple(
        Renderer(
          task=task,
          family=family,
          setting=setting,
          seed=config['seed'],
          exemplar_count=exemplar_count,
          newlines=encoding.charset.newlines,
        )
        for setting in settings
      ),
      data_sets,
      encoding.encoder,
      encoding.left_out,
    )

  @property
  def few_shot(self) -> bool:
    """Whether any setting has exemplars."""
    return any(renderer.setting.few_shot for renderer in self.renderers)
