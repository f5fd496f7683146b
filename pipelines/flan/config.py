"""What a Flan run depends on."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import importlib.metadata
import re
from typing import Any

from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run import quarantine
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering import MANY, OwnTemplates, Setting
from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlanConfig:
  """All that the output of a Flan run depends on.

  Attributes:
    suites: which; empty for those that have a source.
    sources: suite to the folders below which its tasks' files lie.
    tasks: names of the only tasks wanted; empty for all of the suites.
    without: names of tasks that are not wanted.
    left_out: also take what is in the catalog and no part of the collection.
    unlisted: also take files that belong to no task of the catalog.
    settings: names, such as 'zs_opt'.
    templates: the user's own, in place of this project's.
    read_options: how sources are read.
    vocabulary: path of the SentencePiece model.
    extra_ids: sentinels to append to it; None for what suits the model.
    inputs_length: tokens, EOS included if there is one.
    targets_length: tokens, EOS included.
    decoder_only: inputs get no EOS.
    exemplars: the fewest and the most of a few-shot example.
    cap: the most records of a task's training split, chosen by hash; 0 for no
      limit, None for the catalog's caps.
    validation_cap: the most records of a validation split; 0 for no limit.
    validation_fraction: the share of the training split that is held out of
      tasks whose source has no validation split.
    name: of the run: the first part of its data sets' names.
    seed: of all random numbers.
    shard_bytes: aimed at for a shard.
    provenance: store where each example comes from.
    keep_text: store the text beside the ids.
  """

  suites: tuple[str, ...]
  sources: Mapping[str, tuple[str, ...]]
  tasks: tuple[str, ...]
  without: tuple[str, ...]
  left_out: bool
  unlisted: bool
  settings: tuple[str, ...]
  templates: OwnTemplates
  read_options: ReadOptions
  vocabulary: str
  extra_ids: int | None
  inputs_length: int
  targets_length: int
  decoder_only: bool
  exemplars: tuple[int, int]
  cap: int | None
  validation_cap: int
  validation_fraction: float
  name: str
  seed: int
  shard_bytes: int
  provenance: bool
  keep_text: bool

  def __post_init__(self) -> None:
    plan_lib.check_seed(self.seed)
    for suite in (*self.suites, *self.sources):
      if suite not in catalog.suites():
        raise unknown('suite', suite, catalog.suites())
    for task in (*self.tasks, *self.without):
      catalog.load(task)
    if not self.settings:
      raise UserError('--settings is empty: give one, such as zs_opt')
    for setting in self.settings:
      Setting.parse(setting)
    if not re.fullmatch(r'[^\W_][\w.]*', self.name):
      raise UserError(
        f"--name '{self.name}': letters, digits, '_' and '.', of which a "
        'letter or digit comes first'
      )
    if self.name == quarantine.FOLDER:
      raise UserError(f"--name '{self.name}': that folder is for rejects")
    for flag in ('inputs_length', 'targets_length'):
      if getattr(self, flag) < 8:
        raise UserError(f'--{flag} is {getattr(self, flag)}: at least 8')
    low, high = self.exemplars
    if not 1 <= low <= high <= MANY:
      raise UserError(f'--exemplars {low} {high}: two of 1 to {MANY}, in order')
    if (self.cap or 0) < 0 or self.validation_cap < 0:
      raise UserError('--cap and --validation_cap: 0 for no limit, or more')
    if not 0 <= self.validation_fraction <= plan_lib.MAX_VALIDATION_FRACTION:
      raise UserError(
        f'--validation_fraction is {self.validation_fraction}: it must be '
        f'within [0, {plan_lib.MAX_VALIDATION_FRACTION}]'
      )
    if self.shard_bytes < 1:
      raise UserError('--shard_mb: more than 0')

  def as_written(
    self, vocabulary: Vocabulary, tasks: Mapping[str, Mapping[str, Any]]
  ) -> dict[str, Any]:
    """The configuration as the plan keeps it.

    Args:
      tasks: of each task, what was found: 'source', 'held_out' and, if it is
        none of the catalog's, 'unlisted'.
    """
    options = dataclasses.asdict(self.read_options)
    # The size of a block is the one setting that changes nothing.
    del options['block_rows']
    return {
      'tasks': dict(tasks),
      'settings': list(self.settings),
      'templates': dict(self.templates.files),
      'read_options': options,
      'vocabulary': vocabularies.described(vocabulary, self.vocabulary),
      'lengths': {
        'inputs': self.inputs_length,
        'targets': self.targets_length,
        'inputs_eos': int(not self.decoder_only),
      },
      'shots': list(self.exemplars),
      'cap': self.cap,
      'validation_cap': self.validation_cap,
      'validation_fraction': self.validation_fraction,
      'name': self.name,
      'seed': self.seed,
      'shard_bytes': self.shard_bytes,
      'provenance': self.provenance,
      'keep_text': self.keep_text,
      'version': importlib.metadata.version('ul2-flan'),
    }
