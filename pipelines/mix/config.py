"""The configuration of a mix run."""

from collections.abc import Mapping, Sequence
import dataclasses

from ul2_flan.pipelines.run import checks
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of a mix run depends on.

  Attributes:
    manifests: output folders of the finished runs to mix, or their manifests.
    mixture: a name that `mixtures` knows.
    definitions: paths of files with mixtures of the user's own.
    include: what to take that the collection leaves out; patterns as of
      `mixtures.resolve`.
    exclude: what to hold out; such patterns.
    licence: only tasks whose licence fits; see `catalog.licences`. '' for all.
    without_keys: path of keys of examples to leave out of what is made, as in
      `left_out_keys.read`; '' for none.
    num_examples: how many training examples an epoch has; 0 for as many as
      there are before the first repeat.
    epochs: how many, one after the other, each in an order of its own.
    num_validation_examples: the most that the validation split has; none of
      them repeats.
    seed: of all random numbers.
    pack: the architecture to pack for (`packing.ARCHITECTURES`); '' not to
      pack.
    task_feature_lengths: the lengths of packed features, in tokens; by default
      those that the examples were made for.
    keep_strings: keep text and provenance that only some of the runs have;
      what an example lacks is empty. Packed sequences have token ids alone.
    name: the data set's name; by default the mixture's, and what was done.
    shard_mb: about how large a shard is, in millions of bytes.
    min_shards: how many shards the training split has at least.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  manifests: Sequence[str]
  mixture: str
  definitions: Sequence[str] = ()
  include: Sequence[str] = ()
  exclude: Sequence[str] = ()
  licence: str = ''
  without_keys: str = ''
  num_examples: int = 0
  epochs: int = 1
  num_validation_examples: int = 10_000
  seed: int = 0
  pack: str = ''
  task_feature_lengths: Mapping[str, int] = dataclasses.field(
    default_factory=dict
  )
  keep_strings: bool = False
  name: str = ''
  shard_mb: float = 128
  min_shards: int = 16

  def __post_init__(self) -> None:
    for field in ('manifests', 'definitions', 'include', 'exclude'):
      checks.check_listed(field, getattr(self, field))
    checks.check_seed(self.seed)
    given = '--name' if self.name else f'--mixture {self.mixture}: data set'
    checks.check_name(self.data_set, given=given)
    checks.shard_bytes(self.shard_mb)
    counts = ('num_examples', 'num_validation_examples')
    checks.check_at_least(self, 0, *counts, most=checks.MAX_EXAMPLES)
    checks.check_at_least(
      self, 1, 'epochs', 'min_shards', most=checks.MAX_SHARDS
    )
    if self.task_feature_lengths and not self.pack:
      raise UserError('--task_feature_lengths are for --pack')
    if self.keep_strings and self.pack:
      raise UserError(
        f'--keep_strings with --pack {self.pack}: packed sequences have token '
        'ids alone. Leave out one of the flags'
      )

  @property
  def data_set(self) -> str:
    """The name of the data set."""
    return self.name or f'{self.mixture}_{"packed" if self.pack else "mixed"}'

  @property
  def outputs(self) -> tuple[str, ...]:
    """The output folders of the runs, also where manifests were given."""
    return tuple(map(manifest_lib.output_of, self.manifests))
