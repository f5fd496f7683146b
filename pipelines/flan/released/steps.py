"""The steps of a run that reads a dump: route its rows, then make examples."""

from collections.abc import Iterable, Iterator
from typing import Any

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain, Function
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import has_dump
from ul2_flan.pipelines.launch import map_only, resume
from ul2_flan.pipelines.launch.manifest import finished
from ul2_flan.pipelines.launch.map_only import ProcessItem, count_items
from ul2_flan.pipelines.launch.transform import ListNumbers, RunRef, load_plan
from ul2_flan.pipelines.run import Budget, PartWorker, Plan, reports


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Chain]:
  """Makes the chain of a run, with a step more where it reads a dump."""
  if not has_dump(plan):
    return map_only.steps(plan, output, budget, engine)
  run = RunRef.of(plan, output)
  first = (
    ('ListRouted', ListNumbers(run, count_routed)),
    ('SpreadRouted', None),
    ('Route', RouteItem(run)),
    ('WaitForRouted', None),
    ('ListItems', ListRest(run)),
  )
  rest = map_only.chain_of(run, budget, ProcessRouted(run)).steps[1:]
  return [Chain((*first, *rest))]


def count_routed(run: RunRef) -> int:
  """Counts the work items of the first step, which come first in a plan."""
  return len(load_plan(run).parts(SUITE))


class RouteItem(ProcessItem):
  """Expects numbers of work items of the first step; emits them."""

  def do(
    self, plan: Plan, worker: PartWorker, number: int, values: Iterable[None]
  ) -> Iterator[tuple[None, int]]:
    output = self.run.output
    if resume.report_of(output, plan, number) is None:
      # What was made of its rows before may not be what they are now.
      first = len(plan.parts(SUITE))
      made = (n for n in reports.items_with_report(output) if n >= first)
      reports.discard(output, list(made))
    yield from super().do(plan, worker, number, values)


class ProcessRouted(ProcessItem):
  """Does work items of the second step, which read what the first left."""

  def do(
    self, plan: Plan, worker: Any, number: int, values: Iterable[None]
  ) -> Iterator[tuple[None, int]]:
    worker.read_from(self.run.output)
    yield from super().do(plan, worker, number, values)


class ListRest(Function):
  """Expects all of the first step; emits the numbers of the second."""

  def __init__(self, run: RunRef):
    """Loads nothing."""
    self._run = run

  def process(self, done: Any) -> Iterator[tuple[int, None]]:
    del done  # files on the disk say what was done
    if not finished.ended(self._run.output):
      first, stop = count_routed(self._run), count_items(self._run)
      yield from ((number, None) for number in range(first, stop))
