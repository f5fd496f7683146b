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
from ul2_flan.tasks.catalog.caps import RELEASED_CAPS
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
from ul2_flan.tasks.rendering.styles.released_styles import Released


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


def cap_of(task: Task, cap: int | None, as_released: bool = False) -> int:
  """Returns the most rows of a task; 0 for no limit.

  Args:
    task: the task.
    cap: what `--cap` says; None for the cap of the task's suite.
    as_released: that of FLAN's released code, where it has the suite.
  """
  if cap is not None:
    return cap
  return RELEASED_CAPS.get(task.suite, task.cap) if as_released else task.cap


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
    cap_of(task, config['cap'], config.get('as_released', False)),
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
    # Plans of runs that are not so do not say it.
    self.as_released = config.get('as_released', False)
    self.charset = Charset.of(vocabulary.encode, vocabulary.unk_id)
    self.encoder = Encoder(
      vocabulary,
      # FLAN's code writes no character in the place of another.
      Charset() if self.as_released else self.charset,
      config['lengths'],
      provenance=config['provenance'],
      keep_text=config['keep_text'],
    )

  def released(self, family: Family) -> Released | None:
    """Returns FLAN's styles, for a family of a run as its released code."""
    wanted = self.as_released and family.rows
    return self.templates.released if wanted else None


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
    # On disk, the number of exemplars is called 'shots'.
    fewest, most = config['shots']
    room = encoding.encoder.max_tokens('inputs')
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
          exemplar_count=ExemplarCount(fewest, most, room),
          newlines=encoding.charset.newlines,
          released=encoding.released(family),
        )
        for setting in settings
      ),
      data_sets,
      encoding.encoder,
      encoding.left_out,
    )

  @property
  def as_released(self) -> bool:
    """Whether examples are made as FLAN's released code makes them."""
    return any(renderer.released for renderer in self.renderers)

  @property
  def few_shot(self) -> bool:
    """Whether any setting has exemplars."""
    return any(renderer.setting.few_shot for renderer in self.renderers)
