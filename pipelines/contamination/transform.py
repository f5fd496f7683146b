"""Runs a search on any engine: each part by itself, and at the end a sum.

numbers of work items → look through each → all done → add up → finish
"""

from collections.abc import Iterable, Iterator

from ul2_flan.pipelines.contamination.tally import Tally
from ul2_flan.pipelines.contamination.worker import ContaminationWorker
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.launch.map_only import (
  ProcessItem,
  chain_of,
  count_items,
  process_item,
)
from ul2_flan.pipelines.launch.transform import RunFunction, RunRef
from ul2_flan.pipelines.run import Budget, Plan


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Chain]:
  """Does all of a search in one chain."""
  del engine  # all do the same
  run = RunRef.of(plan, output)
  then = ('AddUp', AddUp(run)), ('WaitForSum', None)
  return [chain_of(run, budget, ProcessItem(run), count_parts, then)]


def count_parts(run: RunRef) -> int:
  """Counts the work items of a run, but for the last."""
  return count_items(run) - 1


class AddUp(RunFunction):
  """Expects one element when all parts are done; does the last work item.

  It does so also if there is a report: a part may have been done anew, because
  its source has changed.
  """

  def do(
    self,
    plan: Plan,
    worker: ContaminationWorker,
    number: int | None,
    values: Iterable[int],
  ) -> Iterator[tuple[None, int]]:
    del number, values  # the shards have it all
    item = plan.items[-1]
    tally = Tally(plan, self.run.output, worker)
    self.count_item(plan, process_item(self.run.output, plan, tally, item))
    yield None, item.index
