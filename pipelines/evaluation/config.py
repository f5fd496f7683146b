"""The configuration of a run that makes evaluation data."""

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.errors import UserError, given_by, unknown
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting import TEMPLATES
from ul2_flan.tasks.evaluation.suites import Suite
from ul2_flan.tasks.version import VERSION
from ul2_flan.tasks.vocabulary import Vocabulary

# The split of each suite, or benchmark, that papers report.
PAPER = 'paper'
SPLITS = (PAPER, 'test', 'validation', 'dev', 'train')

# Shorter features have no room for a question.
_MIN_LENGTH = 8

# Those that `flan_templates.toml` has.
_MAX_ORDERS = 4


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a run depends on.

  Attributes:
    sources: suite to the folders below which its files lie.
    suites: the suites wanted; by default those that have a source.
    tasks: names of the only tasks wanted, such as 'bbh:snarks'.
    without: names of tasks that are not wanted.
    variants: 'direct' and 'cot'; by default all that a suite has.
    split: whose questions are asked: a name of `SPLITS`; by default 'test', or
      the one that the paper reports where a suite has no such split.
    samples: how many records each prompt has, for self-consistency; of a
      question whose choices are ranked, each choice is a record.
    exemplars: the most that a prompt shows; by default as many as its suite
      has.
    template: of MMLU's direct prompts, 'flan' or 'hendrycks'.
    option_order: the number of an order of options, in templates of Flan and
      where the answer is a letter, as in MMLU; 0 for the files' own.
    option_orders: in how many orders of options each template of Flan asks,
      the files' own first; each is a data set.
    mode_token: text before each prompt, such as '[NLG]'; '' for none.
    vocabulary: path of a SentencePiece model or `tokenizer.json`.
    extra_ids: sentinels appended to it; None for what suits the model.
    eos: what a `tokenizer.json` calls EOS, unless it has a usual name.
    inputs_length: tokens of a prompt, EOS included if there is one.
    targets_length: tokens that a model may answer with, EOS included.
    decoder_only: give inputs no EOS.
    allow_unwritable: also ask questions whose answers the vocabulary cannot
      write, so that no model gets them right.
    name: the run's name: the first part of its data sets' names.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  sources: Mapping[str, Sequence[str]]
  suites: Sequence[str] = ()
  tasks: Sequence[str] = ()
  without: Sequence[str] = ()
  variants: Sequence[str] = ()
  split: str = ''
  samples: int = 1
  exemplars: int | None = None
  template: str = 'flan'
  option_order: int = 0
  option_orders: int = 1
  mode_token: str = ''
  vocabulary: str
  extra_ids: int | None = None
  eos: str = ''
  inputs_length: int = 2048
  targets_length: int = 1024
  decoder_only: bool = False
  allow_unwritable: bool = False
  name: str = 'eval'

  def __post_init__(self) -> None:
    for suite, folders in self.sources.items():
      checks.check_listed(f'sources[{suite!r}]', folders)
    for field in ('suites', 'tasks', 'without', 'variants'):
      checks.check_listed(field, getattr(self, field))
    checks.check_name(self.name)
    lengths = ('inputs_length', 'targets_length')
    checks.check_at_least(self, _MIN_LENGTH, *lengths, most=checks.MAX_LENGTH)
    checks.check_at_least(self, 1, 'samples')
    checks.check_at_least(self, 0, 'option_order', most=checks.MAX_SHARDS)
    checks.check_at_least(self, 1, 'option_orders', most=_MAX_ORDERS)
    if self.option_order and self.option_orders > 1:
      raise UserError(
        f'--option_order {self.option_order} asks in that order alone, and '
        f'--option_orders {self.option_orders} in several: give one of them'
      )
    checks.check_at_least(self, 0, 'extra_ids', 'exemplars')
    self._check_names()

  def _check_names(self) -> None:
    for flag, names in (('--suites', self.suites), ('--source', self.sources)):
      for name in names:
        with given_by(flag):
          suites.load(name)
    for flag, names in (('--tasks', self.tasks), ('--without', self.without)):
      for name in names:
        with given_by(flag):
          suites.load(name.partition(':')[0]).task(name)
    for name in self.variants:
      if name not in suites.variants():
        raise unknown('variant of --variants', name, suites.variants())
    if self.split and self.split not in SPLITS:
      raise unknown('split of --split', self.split, SPLITS)
    known = {name for names in TEMPLATES.values() for name in names}
    if self.template not in known:
      raise unknown('template of --template', self.template, sorted(known))
    for name in self.suites:
      if name not in self.sources:
        raise UserError(f'--suites {name}: no --source {name}=DIR is given')

  def variants_of(self, suite: Suite) -> list[str]:
    """Returns the variants of a suite that are wanted, in its order."""
    return [
      name
      for name, how in suite.variants.items()
      if (
        name in self.variants
        if self.variants
        else how.order < self.option_orders
      )
    ]

  def as_written(
    self, vocabulary: Vocabulary, tasks: Mapping[str, Mapping[str, Any]]
  ) -> dict[str, Any]:
    """Returns the configuration as the plan keeps it, as JSON.

    Args:
      vocabulary: the loaded model.
      tasks: of each task, 'split' and the number of 'questions'.
    """
    more: dict[str, Any] = {}
    if any(suites.load(t.partition(':')[0]).task(t).ranked for t in tasks):
      more['ranked'] = True
    if self.exemplars is not None:
      more['exemplars'] = self.exemplars
    if self.option_order:
      more['option_order'] = self.option_order
    return {
      **more,
      'tasks': dict(tasks),
      'samples': self.samples,
      'template': self.template,
      'mode_token': self.mode_token,
      'vocabulary': vocabularies.described(vocabulary, self.vocabulary),
      'lengths': {
        'inputs': self.inputs_length,
        'targets': self.targets_length,
        'inputs_eos': int(not self.decoder_only),
      },
      'name': self.name,
      'version': VERSION,
    }
