"""The configuration of an export."""

import dataclasses

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.manifest import EXPORTS

# Whose names the columns have: those of features, or `input_ids` and `labels`.
COLUMNS = ('seqio', 'transformers')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Config:
  """All that the output of an export depends on.

  Attributes:
    manifest: the output folder of the finished run, or its manifest.
    format: one of `EXPORTS`.
    columns: one of `COLUMNS`, for Parquet.

  Raises:
    UserError: a value breaks a rule; the message names its flag.
  """

  manifest: str
  format: str
  columns: str = 'seqio'

  def __post_init__(self) -> None:
    if self.format not in EXPORTS:
      raise unknown('--format', self.format, EXPORTS)
    if self.columns not in COLUMNS:
      raise unknown('--columns', self.columns, COLUMNS)
    if self.columns != 'seqio' and self.format != 'parquet':
      raise UserError(
        f'--columns {self.columns} with --format {self.format}: only parquet '
        'has columns. Leave out one of the flags'
      )

  @property
  def source(self) -> str:
    """The output folder of the run, also where its manifest was given."""
    return manifest_lib.output_of(self.manifest)
