"""What a kind of run implements, and what passes between it and the rest.

a worker's results of a part → shards, quarantine and counts → a report
all reports → accounts and a summary → the manifest
"""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Protocol

import numpy as np

from ul2_flan.pipelines.run import checks
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Part, Plan
from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Split
from ul2_flan.tasks.ragged import Int64s, UInt64s


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
  """Encoded examples.

  Attributes:
    records: n serialised examples, in the order of the documents or rows.
    keys: uint64 [n].
    data_set: int64 [n], indices into the data sets of the part's group.
    is_validation: bool [n].
    denoiser: int64 [n], where the group keeps validation examples apart by it.
  """

  records: list[bytes]
  keys: UInt64s
  data_set: Int64s
  is_validation: np.typing.NDArray[np.bool_]
  denoiser: Int64s | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
  """The source bytes of its part that a worker has read so far."""

  source_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Scratch:
  """The next bytes of a part's own file, which later work items read."""

  data: bytes


# What a worker yields of a part, in any order and number.
Result = Batch | list[Reject] | Progress | Scratch


class PartWorker(Protocol):
  """Does the work of a map-only run, part by part. It knows nothing of Beam."""

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the examples of a part, and adds to `counts` what it did."""


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
  """Bounds of what may go wrong before a run fails.

  Attributes:
    max_reject_fraction: the share of the records read that may be rejected.
    strict: whether a task that could be left out fails the run instead.
    max_damaged_files: how many files may end early, or not be decodable.
  """

  max_reject_fraction: float = 0.01
  strict: bool = False
  max_damaged_files: int = 0

  def __post_init__(self) -> None:
    if not 0 <= self.max_reject_fraction <= 1:
      raise UserError(
        f'--max_reject_fraction is {self.max_reject_fraction}: it must be '
        'within [0, 1]'
      )
    checks.check_at_least(self, 0, 'max_damaged_files')


class Accounts(Protocol):
  """Judges a run's counts, group by group.

  Attributes:
    mixtures: name -> data set -> rate, of the data sets that were made.
    left_out: groups that the output goes without, and why.
  """

  mixtures: dict[str, dict[str, float]]
  left_out: dict[str, str]

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""

  def close(self, group: str, counts: Counts) -> None:
    """Takes all counts of a group and of its data sets.

    Raises:
      AssertionError: the counts do not add up.
    """

  def end(self, counts: Counts, output: str) -> None:
    """Takes the counts that belong to no group, after all groups.

    Raises:
      AssertionError: the counts do not add up.
      UserError: too much went wrong, or there is no example.
    """

  @staticmethod
  def check(counts: Counts) -> None:
    """Checks that every record and token of a whole run is accounted for.

    Raises:
      AssertionError: the counts do not add up.
    """


class Summary(Protocol):
  """Tells a person what a finished run made."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Adds a group.

    Args:
      made: its data sets and their splits; empty for a group that is left out,
        and for counts that belong to no group.
      counts: those of the group.
    """

  def text(self, left_out: Mapping[str, str]) -> str:
    """Writes the summary when all groups are added.

    Args:
      left_out: groups that the output goes without, and why.
    """
