"""What a kind of run gives the engine, and what it must be able to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Protocol

import numpy as np

from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.work import Part, Plan
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
  """

  records: list[bytes]
  keys: UInt64s
  data_set: Int64s
  is_validation: np.typing.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
  """How many source bytes of its part a job has come through."""

  source_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
  """How much may go wrong.

  Attributes:
    max_reject_fraction: of the records read, how many may be rejected.
    strict: whether what could be left out fails the run instead.
  """

  max_reject_fraction: float
  strict: bool = False


class Accounts(Protocol):
  """What a kind of run says of its counts."""

  @staticmethod
  def check_accounts(counts: Counts) -> None:
    """Every record and token is accounted for.

    Raises:
      AssertionError: the counts of a run do not add up.
    """

  @staticmethod
  def left_out(
    plan: Plan, counts: Counts, budget: Budget, output: str
  ) -> dict[str, str]:
    """Groups that the output is to go without, and why.

    Raises:
      UserError: too much went wrong, or there is no example.
    """

  @staticmethod
  def mixtures(
    plan: Plan, data_sets: Mapping[str, Mapping[str, Split]]
  ) -> dict[str, dict[str, float]]:
    """Mixtures of the data sets that were made: name -> data set -> rate."""


class Work(Protocol):
  """What does the work of a map-only run; it knows nothing of Beam."""

  def results(
    self, part: Part, counts: Counts
  ) -> Iterator[Batch | list[Reject] | Progress]:
    """What becomes of a part."""


class Job(Accounts, Work, Protocol):
  """A kind of map-only run."""

  def __init__(self, plan: Plan):
    """Loads what the work needs, once in each process."""
