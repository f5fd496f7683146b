"""What a kind of run gives the engine, and what it must be able to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Protocol

import numpy as np

from ul2_flan.pipelines.run.plan import Part, Plan
from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.sources import Reject
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
  """What a kind of run says of its counts, group by group.

  Attributes:
    mixtures: of the data sets that were made: name -> data set -> rate.
    left_out: groups that the output is to go without, and why.
  """

  mixtures: dict[str, dict[str, float]]
  left_out: dict[str, str]

  def __init__(self, plan: Plan, budget: Budget):
    """Begins with nothing."""

  def close(self, group: str, counts: Counts) -> None:
    """Takes all that was counted of a group and of its data sets.

    Raises:
      AssertionError: the counts do not add up.
    """

  def end(self, counts: Counts, output: str) -> None:
    """Takes what was counted of no group, when all groups are closed.

    Raises:
      AssertionError: the counts do not add up.
      UserError: too much went wrong, or there is no example.
    """

  @staticmethod
  def check(counts: Counts) -> None:
    """Every record and token of a whole run is accounted for.

    Raises:
      AssertionError: the counts do not add up.
    """


class Summary(Protocol):
  """What a person reads of a finished run."""

  def __init__(self, plan: Plan, output: str):
    """Begins with nothing."""

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Takes a group in.

    Args:
      made: its data sets and their splits; empty for one that is left out, and
        for what is counted of no group.
      counts: its own.
    """

  def text(self, left_out: Mapping[str, str]) -> str:
    """What there is to say, when all is taken in.

    Args:
      left_out: groups that the output is without, and why.
    """


class Worker(Protocol):
  """What does the work of a map-only run; it knows nothing of Beam."""

  def __init__(self, plan: Plan):
    """Loads what the work needs, once in each process."""

  def results(
    self, part: Part, counts: Counts
  ) -> Iterator[Batch | list[Reject] | Progress]:
    """What becomes of a part."""
