"""The configuration of a Flan run."""

from collections.abc import Mapping, Sequence
import dataclasses
import importlib.metadata
from typing import Any

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError, given_by, unknown
from ul2_flan.tasks.rendering import MANY, SETTINGS, OwnTemplates, Setting
from ul2_flan.tasks.vocabulary import Vocabulary

# Shorter features have no room for a question.
_MIN_LENGTH = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a Flan run depends on.

  Attributes:
    sources: suite to the folders below which its tasks' files lie.
    suites: the suites wanted; by default those that have a source.
    tasks: names of the only tasks wanted; by default all of the suites.
    without: names of tasks that are not wanted.
    left_out: also take tasks of the catalog that the collection leaves out.
    unlisted: also take files of tasks that are not in the catalog.
    promptsource: folder of promptsource's templates; empty for none.
    settings: names such as 'zs_opt'.
    templates: folder of templates to use in place of ours; empty for none.
    exemplars: the fewest and the most that a few-shot example shows; the
      number is drawn evenly, and as many are shown as fit.
    cap: the most rows of a task's training split, chosen by hash; 0 for no
      limit, None for the catalog's caps.
    validation_cap: the most rows of a validation split; 0 for no limit.
    validation_fraction: for tasks whose source has no validation split, the
      share of the training split that becomes one.
    seed: of all random numbers.
    vocabulary: path of the SentencePiece model.
    extra_ids: sentinels appended to it; None for what suits the model.
    inputs_length: tokens of an example's inputs, EOS included if there is one.
    targets_length: tokens of its targets, EOS included.
    decoder_only: give inputs no EOS.
    name: the run's name: the first part of its data sets' names.
    shard_mb: about how large a shard of a large task is, in millions of bytes.
    keep_text: store the text beside the ids.
    provenance: store each example's source, key, template and exemplars.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  sources: Mapping[str, Sequence[str]]
  suites: Sequence[str] = ()
  tasks: Sequence[str] = ()
  without: Sequence[str] = ()
  left_out: bool = False
  unlisted: bool = False
  promptsource: str = ''
  settings: Sequence[str] = tuple(str(s) for s in SETTINGS if not s.reasoning)
  templates: str = ''
  exemplars: tuple[int, int] = (1, 5)
  cap: int | None = None
  validation_cap: int = 200
  validation_fraction: float = 0.01
  seed: int = 0
  vocabulary: str
  extra_ids: int | None = None
  inputs_length: int = 2048
  targets_length: int = 512
  decoder_only: bool = False
  name: str = 'flan'
  shard_mb: float = 128
  keep_text: bool = False
  provenance: bool = False

  def __post_init__(self) -> None:
    for suite, folders in self.sources.items():
      checks.check_listed(f'sources[{suite!r}]', folders)
    for field in ('suites', 'tasks', 'without', 'settings'):
      checks.check_listed(field, getattr(self, field))
    checks.check_seed(self.seed)
    checks.check_name(self.name)
    checks.check_validation_fraction(self.validation_fraction)
    checks.shard_bytes(self.shard_mb)
    lengths = ('inputs_length', 'targets_length')
    checks.check_at_least(self, _MIN_LENGTH, *lengths, most=checks.MAX_LENGTH)
    checks.check_at_least(self, 0, 'cap', 'validation_cap', 'extra_ids')
    low, high = self.exemplars
    if not 1 <= low <= high <= MANY:
      raise UserError(f'--exemplars {low} {high}: two of 1 to {MANY}, in order')
    self._check_names()

  def _check_names(self) -> None:
    for flag, suites in (('--suites', self.suites), ('--source', self.sources)):
      for suite in suites:
        if suite not in catalog.suites():
          raise unknown(f'suite of {flag}', suite, catalog.suites())
    for flag, tasks in (('--tasks', self.tasks), ('--without', self.without)):
      for task in tasks:
        with given_by(flag):
          catalog.load(task)
    if not self.settings:
      raise UserError('--settings is empty: give one, such as zs_opt')
    for setting in self.settings:
      with given_by('--settings'):
        Setting.parse(setting)

  @property
  def read_options(self) -> ReadOptions:
    """How to read the sources."""
    return ReadOptions(promptsource=self.promptsource)

  def as_written(
    self,
    vocabulary: Vocabulary,
    templates: OwnTemplates,
    tasks: Mapping[str, Mapping[str, Any]],
  ) -> dict[str, Any]:
    """Returns the configuration as the plan keeps it, as JSON.

    Args:
      vocabulary: the loaded model.
      templates: the user's, as read.
      tasks: what was found of each task; see `find_tasks.FoundTasks.known`.
    """
    options = dataclasses.asdict(self.read_options)
    # No byte depends on the size of a block.
    del options['block_rows']
    return {
      'tasks': dict(tasks),
      'settings': list(self.settings),
      'templates': dict(templates.files),
      'read_options': options,
      'vocabulary': vocabularies.described(vocabulary, self.vocabulary),
      'lengths': {
        'inputs': self.inputs_length,
        'targets': self.targets_length,
        'inputs_eos': int(not self.decoder_only),
      },
      # On disk, the number of exemplars is called so.
      'shots': list(self.exemplars),
      'cap': self.cap,
      'validation_cap': self.validation_cap,
      'validation_fraction': self.validation_fraction,
      'name': self.name,
      'seed': self.seed,
      'shard_bytes': checks.shard_bytes(self.shard_mb),
      'provenance': self.provenance,
      'keep_text': self.keep_text,
      'version': importlib.metadata.version('ul2-flan'),
    }
