"""Functions that the chains of all kinds of run share.

    numbers of what is to be done → spread over workers → … → all done → finish

A plan lies on disk and workers read it there. Numbers, and for a mix blocks of
records, are all that crosses the engine. So a graph has the same few steps for
one file and for a million.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator
import dataclasses
import functools
from typing import Any

from ul2_flan.pipelines.engines import dashboard
from ul2_flan.pipelines.engines.chain import Function
from ul2_flan.pipelines.launch import finish
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.launch.manifest import finished
from ul2_flan.pipelines.run import Budget, Plan, Report, paths
from ul2_flan.pipelines.run import plan as plan_lib


@dataclasses.dataclass(frozen=True, slots=True)
class RunRef:
  """Refers to a run: a worker finds its plan by this.

  Attributes:
    output: the output folder.
    fingerprint: the plan's, so that a worker never mixes two.
    facts: what an engine's page shows of the run.
  """

  output: str
  fingerprint: str
  # A dict, which has no hash; the other two tell runs apart.
  facts: dashboard.Facts = dataclasses.field(compare=False)

  @classmethod
  def of(cls, plan: Plan, output: str) -> RunRef:
    """Refers to a plan that lies below its output."""
    return cls(output, plan.fingerprint, dashboard.facts_of(plan, output))


def load_plan(run: RunRef) -> Plan:
  """Reads a run's plan."""
  return plan_lib.load(paths.plan_path(run.output), run.fingerprint)


# One, as a process works on one run at a time and a worker holds large caches.
@functools.lru_cache(maxsize=1)
def load(run: RunRef) -> tuple[Plan, Any]:
  """Loads a plan and its worker: once a process, not once a work item."""
  plan = load_plan(run)
  return plan, kind_of(plan.kind).worker(plan)


class RunFunction(Function):
  """A function of a run, which does nothing in a run that has ended."""

  def __init__(self, run: RunRef):
    """Loads nothing: the function is pickled and sent to workers."""
    self.run = run

  def process(self, keyed: tuple[int, Iterable[Any]]) -> Iterator[Any]:
    """Does the function for a key and its values."""
    if finished.ended(self.run.output):
      return
    plan, worker = load(self.run)
    yield from self.do(plan, worker, *keyed)

  @abc.abstractmethod
  def do(
    self, plan: Plan, worker: Any, number: int, values: Iterable[Any]
  ) -> Iterator[Any]:
    """Does the function for one key.

    Args:
      plan: the run's.
      worker: its worker.
      number: the key.
      values: what was grouped under it.
    """

  def count_item(self, plan: Plan, report: Report) -> None:
    """Counts a finished work item on the engine's page."""
    records = kind_of(plan.kind).records(report.counts)
    for name, amount in dashboard.amounts(report, records).items():
      self.count(name, amount)

  def facts(self) -> dashboard.Facts:
    return self.run.facts


class ListNumbers(Function):
  """Expects the start; emits numbers from 0 as keys, if the run goes on."""

  def __init__(self, run: RunRef, size: Callable[[RunRef], int]):
    """Loads nothing.

    Args:
      run: the run.
      size: says how many numbers there are.
    """
    self._run, self._size = run, size

  def process(self, start: bytes) -> Iterator[tuple[int, None]]:
    del start  # it carries nothing
    if not finished.ended(self._run.output):
      yield from ((number, None) for number in range(self._size(self._run)))


class Finish(Function):
  """Expects one element when all work is done; emits the manifest's path."""

  def __init__(self, run: RunRef, budget: Budget):
    self._run, self._budget = run, budget

  def process(self, done: Any) -> Iterator[str]:
    """Ends the run; a second time does nothing."""
    del done  # `finish` reads the reports
    output = self._run.output
    if not finished.ended(output):
      finish.finish(output, load_plan(self._run), self._budget)
    yield paths.manifest_path(output)
