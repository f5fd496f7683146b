"""The configuration of a Flan run."""

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.storage import left_out_keys, vocabularies
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import released
from ul2_flan.tasks.catalog.licences import LicenceExpression
from ul2_flan.tasks.errors import UserError, given_by, unknown
from ul2_flan.tasks.own_tasks import OwnTasks, formats
from ul2_flan.tasks.rendering import MANY, SETTINGS, OwnTemplates, Setting
from ul2_flan.tasks.version import VERSION
from ul2_flan.tasks.vocabulary import Vocabulary

_OWN = 'For data of your own give --format, or --catalog with its tasks'

_NONE = OwnTasks()

# What to do where a folder of templates has no file for a task.
TEMPLATES_MISSING = ('ours',)

_EXEMPLARS = (1, 5)

# Shorter features have no room for a question.
_MIN_LENGTH = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a Flan run depends on.

  Attributes:
    sources: suite to the folders below which its tasks' files lie; 'released'
      to those of frozen dumps, with tasks of any suite.
    catalog: paths of TOML files with tasks of the user's own.
    format: how the files of suites that no catalog has are read: one of
      `own_tasks.formats`; each of them is a task.
    suites: the suites wanted; by default those that have a source.
    tasks: names of the only tasks wanted; by default all of the suites.
    without: names of tasks that are not wanted.
    left_out: also take tasks of the catalog that the collection leaves out.
    unlisted: also take files of tasks that are not in the catalog.
    licence: only tasks whose licence fits; see `catalog.licences`. '' for all.
    promptsource: folder of promptsource's templates; empty for none.
    settings: names such as 'zs_opt'.
    templates: folder of templates to use in place of ours; empty for none.
    templates_missing: 'ours' to take our own where that folder has no file for
      a task; empty for an error.
    as_released: make examples as google-research/FLAN's released code does;
      `templates` is the folder that an import of its templates has made.
    exemplars: the fewest and the most that a few-shot example shows; the
      number is drawn evenly, and as many are shown as fit.
    cap: the most rows of a task's training split, chosen by hash; 0 for no
      limit, None for the catalog's caps.
    validation_cap: the most rows of a validation split; 0 for no limit.
    validation_fraction: for tasks whose source has no validation split, the
      share of the training split that becomes one.
    seed: of all random numbers.
    vocabulary: path of a SentencePiece model or `tokenizer.json`.
    extra_ids: sentinels appended to it; None for what suits the model.
    eos: what a `tokenizer.json` calls EOS, unless it has a usual name.
    inputs_length: tokens of an example's inputs, EOS included if there is one.
    targets_length: tokens of its targets, EOS included.
    decoder_only: give inputs no EOS.
    name: the run's name: the first part of its data sets' names.
    shard_mb: about how large a shard of a large task is, in millions of bytes.
    keep_text: store the text beside the ids.
    provenance: store each example's source, key, template and exemplars.
    without_keys: path of keys of instances to leave out, also as exemplars; as
      in `left_out_keys.read`. '' for none.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  sources: Mapping[str, Sequence[str]]
  catalog: Sequence[str] = ()
  format: str = ''
  suites: Sequence[str] = ()
  tasks: Sequence[str] = ()
  without: Sequence[str] = ()
  left_out: bool = False
  unlisted: bool = False
  licence: str = ''
  promptsource: str = ''
  settings: Sequence[str] = tuple(str(s) for s in SETTINGS if not s.reasoning)
  templates: str = ''
  templates_missing: str = ''
  as_released: bool = False
  exemplars: tuple[int, int] = _EXEMPLARS
  cap: int | None = None
  validation_cap: int = 200
  validation_fraction: float = 0.01
  seed: int = 0
  vocabulary: str
  extra_ids: int | None = None
  eos: str = ''
  inputs_length: int = 2048
  targets_length: int = 512
  decoder_only: bool = False
  name: str = 'flan'
  shard_mb: float = 128
  keep_text: bool = False
  provenance: bool = False
  without_keys: str = ''

  def __post_init__(self) -> None:
    for suite, folders in self.sources.items():
      checks.check_listed(f'sources[{suite!r}]', folders)
    for field in ('catalog', 'suites', 'tasks', 'without', 'settings'):
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
    self._check_templates()
    self._check_names()

  def _check_templates(self) -> None:
    if self.templates_missing not in ('', *TEMPLATES_MISSING):
      raise unknown(
        '--templates_missing', self.templates_missing, TEMPLATES_MISSING
      )
    if self.as_released and not self.templates:
      raise UserError(
        '--as_released wants --templates DIR, the folder that `python -m '
        'ul2_flan.tasks import_flan_templates CHECKOUT --output DIR` makes of '
        'a checkout of google-research/FLAN'
      )
    if self.as_released and self.exemplars != _EXEMPLARS:
      raise UserError(
        '--exemplars does not go with --as_released, which has the numbers of '
        "FLAN's code"
      )

  def _check_names(self) -> None:
    own = self.own_tasks
    known = [*catalog.suites(), *own.suites, released.SUITE]
    if self.format and self.format not in formats():
      raise unknown('--format', self.format, formats())
    if self.format and not (of_files := self.suites_of_files(own)):
      raise UserError(
        f'--format {self.format} is for files that no catalog has: give them '
        'a suite of their own, such as --source mine=FILE'
      )
    if self.format:
      known += of_files
    for flag, suites in (('--suites', self.suites), ('--source', self.sources)):
      for suite in suites:
        if suite not in known:
          error = unknown(f'suite of {flag}', suite, known)
          raise UserError(f'{error}. {_OWN}')
    for flag, tasks in (('--tasks', self.tasks), ('--without', self.without)):
      for task in tasks:
        # Files name the tasks of their suites, and are listed later.
        if self.format and task.partition(':')[0] in of_files:
          continue
        if released.SUITE in self.sources and released.load(task):
          continue
        with given_by(flag):
          own.load(task)
    if self.licence:
      LicenceExpression(self.licence)
    if not self.settings:
      raise UserError('--settings is empty: give one, such as zs_opt')
    for setting in self.settings:
      with given_by('--settings'):
        Setting.parse(setting)

  @property
  def own_tasks(self) -> OwnTasks:
    """The tasks of the user's own catalog."""
    return OwnTasks.read(self.catalog)

  def read_templates(self) -> OwnTemplates:
    """Reads the folder of `templates`.

    Raises:
      UserError: it breaks a rule, or lacks the styles that `as_released` needs.
    """
    with given_by('--templates'):
      templates = OwnTemplates.read(self.templates)
    if self.as_released and templates.released is None:
      raise UserError(
        f"--as_released: --templates '{self.templates}' has no released.toml, "
        'the styles that `python -m ul2_flan.tasks import_flan_templates '
        'CHECKOUT --output DIR` writes too. Import a checkout of '
        'google-research/FLAN into another folder, and give that one'
      )
    return templates

  def suites_of_files(self, own: OwnTasks) -> tuple[str, ...]:
    """Returns the suites that no catalog has, and that a format is for."""
    known = {*catalog.suites(), *own.suites, released.SUITE}
    return tuple(s for s in self.sources if s not in known) * bool(self.format)

  @property
  def read_options(self) -> ReadOptions:
    """How to read the sources."""
    return ReadOptions(promptsource=self.promptsource)

  def as_written(
    self,
    vocabulary: Vocabulary,
    templates: OwnTemplates,
    tasks: Mapping[str, Mapping[str, Any]],
    own: OwnTasks = _NONE,
  ) -> dict[str, Any]:
    """Returns the configuration as the plan keeps it, as JSON.

    Args:
      vocabulary: the loaded model.
      templates: the user's, as read.
      tasks: what was found of each task; see `find_tasks.FoundTasks.known`.
      own: the user's own tasks.
    """
    options = dataclasses.asdict(self.read_options)
    # No byte depends on the size of a block.
    del options['block_rows']
    # Plans without these are as those of versions that did not have them.
    newer: dict[str, Any] = {'catalog': dict(own.files)} if own.files else {}
    if self.as_released:
      newer['as_released'] = True
    if self.templates_missing:
      newer['templates_missing'] = self.templates_missing
    return {
      'tasks': dict(tasks),
      **newer,
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
      **left_out_keys.described(self.without_keys),
      'keep_text': self.keep_text,
      'version': VERSION,
    }
