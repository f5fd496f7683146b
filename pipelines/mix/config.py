"""What the output of a mix run depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import re

from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run import quarantine
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MixConfig:
  """All that the output of a mix run depends on.

  Attributes:
    manifests: outputs of the runs whose data sets are mixed.
    mixture: a name of `mixtures`.
    definitions: paths of files with the user's own mixtures.
    include: see `mixtures.resolve`.
    exclude: likewise.
    num_examples: of an epoch; 0 for as many as there are before the first
      repeat.
    num_validation_examples: the most of that split, in which none repeats.
    epochs: how many, one after the other, each in an order of its own.
    name: of the data set.
    seed: of all random numbers.
    shard_bytes: aimed at for a shard.
    min_shards: aimed at for the training split, so that hosts have shares.
    layout: of packed sequences (`packing.LAYOUTS`), or '' not to pack.
    lengths: of packed features; by default those that the data were made for.
  """

  manifests: tuple[str, ...]
  mixture: str
  definitions: tuple[str, ...]
  include: tuple[str, ...]
  exclude: tuple[str, ...]
  num_examples: int
  num_validation_examples: int
  epochs: int
  name: str
  seed: int
  shard_bytes: int
  min_shards: int
  layout: str
  lengths: Mapping[str, int]

  def __post_init__(self) -> None:
    plan_lib.check_seed(self.seed)
    if not re.fullmatch(r'[^\W_][\w.]*', self.name):
      raise UserError(
        f"--name '{self.name}': letters, digits, '_' and '.', of which a "
        'letter or digit comes first'
      )
    if self.name == quarantine.FOLDER:
      raise UserError(f"--name '{self.name}': that folder is for rejects")
    for flag, least in (
      ('num_examples', 0),
      ('num_validation_examples', 0),
      ('epochs', 1),
      ('shard_bytes', 1),
      ('min_shards', 1),
    ):
      if getattr(self, flag) < least:
        raise UserError(f'--{flag} is {getattr(self, flag)}: at least {least}')
    if self.lengths and not self.layout:
      raise UserError('--task_feature_lengths are for --pack')


def outputs(manifests: Sequence[str]) -> tuple[str, ...]:
  """Output folders, also where a manifest's path was given."""
  return tuple(
    files.FileSystems.split(path)[0] if path.endswith('.json') else path
    for path in manifests
  )
