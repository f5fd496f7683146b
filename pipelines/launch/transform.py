"""Beam transforms that the pipelines of all kinds of run share.

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

import apache_beam as beam
from apache_beam.transforms.display import DisplayDataItem

from ul2_flan.pipelines.engines import Engine, dashboard
from ul2_flan.pipelines.launch import finish, resume
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run import Budget, Plan, Planned, Report, paths
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


class RunFn(beam.DoFn, abc.ABC):
  """A step of a run, which does nothing in a run that has ended."""

  def __init__(self, run: RunRef):
    """Loads nothing: the step is pickled and sent to workers."""
    super().__init__()
    self.run = run

  def process(self, keyed: tuple[int, Iterable[Any]]) -> Iterator[Any]:
    """Does the step for a key and its values."""
    if resume.ended(self.run.output):
      return
    plan, worker = load(self.run)
    yield from self.do(plan, worker, *keyed)

  @abc.abstractmethod
  def do(
    self, plan: Plan, worker: Any, number: int, values: Iterable[Any]
  ) -> Iterator[Any]:
    """Does the step for one key.

    Args:
      plan: the run's.
      worker: its worker.
      number: the key.
      values: what was grouped under it.
    """

  def count(self, plan: Plan, report: Report) -> None:
    """Counts a finished work item on the engine's page."""
    dashboard.count(report, kind_of(plan.kind).records(report.counts))

  def display_data(self) -> dict[str, DisplayDataItem]:
    """Returns what an engine's page shows of the step."""
    return dashboard.display(self.run.facts)


@dataclasses.dataclass  # not frozen: Beam sets its label
class Numbers(beam.PTransform[Any, Any]):
  """Expects a pipeline; emits numbers, as keys, spread over the workers.

  Attributes:
    run: the run.
    count: says how many numbers there are.
    step: names the step that lists them.
  """

  run: RunRef
  count: Callable[[RunRef], int]
  step: str

  def expand(self, root: beam.Pipeline) -> beam.PCollection[Any]:
    return (
      root
      | 'Start' >> beam.Impulse()
      | self.step >> beam.FlatMap(list_numbers, self.run, self.count)
      # Without a grouping an engine would fuse the list with the steps after
      # it, and one worker would do them all.
      | 'Spread' >> beam.GroupByKey()
    )


def list_numbers(
  start: bytes, run: RunRef, count: Callable[[RunRef], int]
) -> list[tuple[int, None]]:
  """Lists numbers from 0 as keys; none for a run that has ended."""
  del start  # an impulse carries nothing
  if resume.ended(run.output):
    return []
  return [(number, None) for number in range(count(run))]


@dataclasses.dataclass  # not frozen: Beam sets its label
class Finish(beam.PTransform[Any, Any]):
  """Expects one element when all work is done; emits the manifest's path."""

  run: RunRef
  budget: Budget

  def expand(self, done: beam.PCollection[Any]) -> beam.PCollection[str]:
    return done | 'Finish' >> beam.Map(finish_run, self.run, self.budget)


def finish_run(event: Any, run: RunRef, budget: Budget) -> str:
  """Ends the run; a second time does nothing."""
  del event  # that all is done; `finish` reads the reports
  if not resume.ended(run.output):
    finish.finish(run.output, load_plan(run), budget)
  return paths.manifest_path(run.output)


class Materialise(beam.PTransform[Any, Any]):
  """Expects a pipeline; does a planned run, and emits its manifest's path.

  For those who have a pipeline of their own. Applying it writes the plan to the
  output; the work begins when the pipeline runs. It goes on where an earlier
  run of the same plan stopped.
  """

  def __init__(self, planned: Planned, budget: Budget | None = None):
    """Takes a plan; writes nothing yet.

    Args:
      planned: by `plan` of `ul2`, `flan` or `mix`, with an output.
      budget: how much may go wrong; by default, one record of a hundred.

    Raises:
      UserError: there is no output, or tasks are missing in a strict run.
    """
    super().__init__()
    self._planned = planned
    self._budget = budget or Budget()
    planned.refuse_no_output()
    planned.refuse_missing(self._budget)

  def expand(self, root: beam.Pipeline) -> beam.PCollection[str]:
    output = self._planned.output
    plan = resume.plan_to_follow(output, self._planned.plan)
    if resume.is_complete(output, plan) or not resume.begin(output, plan):
      resume.clean(output)
      return root | beam.Create([paths.manifest_path(output)])
    kind = kind_of(plan.kind)
    # One step, as passes are the launcher's to run one after the other.
    (step,) = kind.steps(plan, output, self._budget, Engine(passes=1))
    return root | step
