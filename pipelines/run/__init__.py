"""The parts of a run: its plan, and the files that work items leave."""

from ul2_flan.pipelines.run.contract import (
  Batch,
  Budget,
  PartWorker,
  Progress,
  Result,
)
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Group, Part, Plan, WorkItem
from ul2_flan.pipelines.run.planned import Planned
from ul2_flan.pipelines.run.reports import ItemShard, Report
