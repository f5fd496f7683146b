"""Runs an export on any engine: each work item by itself.

numbers of work items → export each → all done → finish
"""

from collections.abc import Iterable, Iterator

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.export.worker import ExportWorker, described
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.map_only import chain_of
from ul2_flan.pipelines.launch.transform import RunFunction, RunRef
from ul2_flan.pipelines.run import (
  Budget,
  Counts,
  Plan,
  Report,
  WorkItem,
  reports,
)
from ul2_flan.pipelines.run.open_files import OpenFiles


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Chain]:
  """Does all of an export in one chain."""
  del engine  # all do the same
  run = RunRef.of(plan, output)
  return [chain_of(run, budget, ExportItem(run))]


class ExportItem(RunFunction):
  """Expects numbers of work items as keys; emits them under one key."""

  # An engine may repeat an item that is done, or give it to two workers.
  def do(
    self, plan: Plan, worker: ExportWorker, number: int, values: Iterable[None]
  ) -> Iterator[tuple[None, int]]:
    output = self.run.output
    report = resume.report_of(output, plan, number)
    report = report or export_item(output, plan, worker, plan.items[number])
    self.count_item(plan, report)
    yield None, number


def export_item(
  output: str, plan: Plan, worker: ExportWorker, item: WorkItem
) -> Report:
  """Does one work item: writes its shards, then its report."""
  counts = Counts()
  with OpenFiles(output) as opened:
    made = [worker.export(part, opened, counts) for part in item.parts]
    opened.commit()
  shards = tuple(described(shard, file) for shard, file in made)
  report = Report(item.index, plan.fingerprint, shards, counts)
  reports.write(report, output)
  return report
