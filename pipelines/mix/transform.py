"""Runs a mix run on any Beam runner: one pass over the members, one shuffle.

    numbers of reads → blocks of frames by shard → group → write each → finish

Blocks of frames cross the engine, keyed by the work item of the output shard.
The graph is the same for one member and for seven thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import dataclasses
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.display import DisplayDataItem

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.kind import Step
from ul2_flan.pipelines.launch.transform import (
  Finish,
  Numbers,
  RunFn,
  RunRef,
  load,
)
from ul2_flan.pipelines.mix.frames import FrameBlock
from ul2_flan.pipelines.mix.worker import MixWorker
from ul2_flan.pipelines.mix.write_shard import write_shard
from ul2_flan.pipelines.run import Budget, Plan

# Numbers of work items, as [start, stop) of each stretch without a gap: a graph
# with a million numbers in it would be too large to submit.
Stretches = tuple[tuple[int, int], ...]


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Step]:
  """Makes the pipelines for the shards that are not there yet.

  There is one for each pass. Each reads all members and shuffles only the
  frames of its shards, for a machine that holds its shuffle in memory.
  """
  run = RunRef.of(plan, output)
  items = resume.unfinished(output, plan)
  if not items:
    return [Mix(run, (), budget)]
  size = -(-len(items) // engine.passes)
  starts = range(0, len(items), size)
  return [
    Mix(
      run,
      _stretches(items[start : start + size]),
      budget if start == starts[-1] else None,
    )
    for start in starts
  ]


def _stretches(items: Sequence[int]) -> Stretches:
  """Joins rising numbers to stretches; a new run has one.

  >>> _stretches([0, 1, 2, 5, 7, 8])
  ((0, 3), (5, 6), (7, 9))
  """
  stretches: list[tuple[int, int]] = []
  for item in items:
    if stretches and stretches[-1][1] == item:
      stretches[-1] = (stretches[-1][0], item + 1)
    else:
      stretches.append((item, item + 1))
  return tuple(stretches)


@dataclasses.dataclass  # not frozen: Beam sets its label
class Mix(beam.PTransform[Any, Any]):
  """Expects a pipeline; makes some shards, and finishes after the last ones.

  Attributes:
    run: the run.
    items: the work items to do; each writes a shard. With none left, it only
      finishes the run.
    budget: how much may go wrong; None for a pass that is not the last, which
      does not finish the run.
  """

  run: RunRef
  items: Stretches
  budget: Budget | None

  def expand(self, root: beam.Pipeline) -> beam.PCollection[Any]:
    if self.budget and not self.items:
      return root | 'Start' >> beam.Impulse() | Finish(self.run, self.budget)
    written = (
      root
      | Numbers(self.run, count_reads, 'ListReads')
      | 'Read' >> beam.ParDo(ReadRecords(self.run, self.items))
      | 'Gather' >> beam.GroupByKey()
      | 'Write' >> beam.ParDo(WriteShard(self.run))
    )
    if self.budget is None:
      return written
    return (
      written
      | 'WaitForAll' >> beam.GroupByKey()
      | Finish(self.run, self.budget)
    )


def count_reads(run: RunRef) -> int:
  """Counts the groups of shards that a run reads."""
  _, worker = load(run)
  return len(worker.reads)


class ReadRecords(RunFn):
  """Expects numbers of reads as keys; emits blocks by work item."""

  def __init__(self, run: RunRef, items: Stretches):
    super().__init__(run)
    self._items = items
    self._wanted: frozenset[int] = frozenset()
    self._shards = Metrics.counter('ul2_flan', 'shards-read')
    self._bytes = Metrics.counter('ul2_flan', 'bytes-shuffled')

  def setup(self) -> None:
    self._wanted = frozenset(
      item for start, stop in self._items for item in range(start, stop)
    )

  def do(
    self, plan: Plan, worker: MixWorker, number: int, values: Iterable[None]
  ) -> Iterator[tuple[int, FrameBlock]]:
    reads = worker.reads[number]
    for item, block in worker.blocks(reads, self._wanted):
      self._bytes.inc(sum(map(len, block)))
      yield item, block
    self._shards.inc(len(reads))

  def display_data(self) -> dict[str, DisplayDataItem]:
    wanted = sum(stop - start for start, stop in self._items)
    label = 'Shards that it makes'
    return {'wanted': DisplayDataItem(wanted, label=label)}


class WriteShard(RunFn):
  """Expects all blocks of a work item; emits its number when it is done."""

  def do(
    self,
    plan: Plan,
    worker: MixWorker,
    number: int,
    values: Iterable[FrameBlock],
  ) -> Iterator[tuple[None, int]]:
    output = self.run.output
    # An engine may repeat an element whose result it lost.
    report = resume.report_of(output, plan, number)
    report = report or write_shard(output, plan, worker, number, list(values))
    self.count(plan, report)
    yield None, number
