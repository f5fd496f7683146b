"""A mix run on any Beam runner: one pass over the members, one shuffle.

    reads → records to blocks by shard → group → write each shard → finish

What crosses the engine is blocks of encoded records, keyed by output shard; the
graph is the same for one member and for seven thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
import dataclasses
import functools
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.display import DisplayDataItem

from ul2_flan.pipelines.engines import dashboard
from ul2_flan.pipelines.engines.dashboard import Facts
from ul2_flan.pipelines.launch import finish
from ul2_flan.pipelines.mix import shard as shard_lib
from ul2_flan.pipelines.mix.shuffle import FrameBlock, MixWorker
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run import reports
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage.parallel import each

# Numbers of work items: [start, stop) of each stretch without a gap.
Stretches = tuple[tuple[int, int], ...]


@functools.lru_cache(maxsize=1)
def _load(path: str, fingerprint: str) -> tuple[Plan, MixWorker]:
  plan = plan_lib.load(path, fingerprint)
  return plan, MixWorker(plan)


def steps(
  passes: int,
) -> Callable[[Plan, str, Budget], list[beam.PTransform[Any, Any]]]:
  """The pipelines of a run, given its plan and output.

  Args:
    passes: in how many parts the shards are made. Each pass reads all members,
      and its shuffle is so much smaller: for a machine that holds it in memory.
  """

  def make(
    plan: Plan, output: str, budget: Budget
  ) -> list[beam.PTransform[Any, Any]]:
    done = _done(plan, output)
    items = [item.index for item in plan.items if item.index not in done]
    facts = dashboard.facts_of(plan, output)
    if not items:
      return [Finish(output, plan.fingerprint, budget)]
    size = -(-len(items) // passes)
    starts = range(0, len(items), size)
    return [
      Mix(
        output,
        plan.fingerprint,
        _stretches(items[start : start + size]),
        budget if start == starts[-1] else None,
        facts,
      )
      for start in starts
    ]

  return make


def _done(plan: Plan, output: str) -> set[int]:
  """The work items that have a report: few in most runs, so these are read."""
  there = reports.reported(output)
  found = each(lambda item: reports.read(output, item), there, output)
  return {r.item for r in found if r and r.plan == plan.fingerprint}


def _stretches(items: Sequence[int]) -> Stretches:
  """Rising numbers as stretches, of which a run that is new has one.

  >>> _stretches([0, 1, 2, 5, 7, 8])
  ((0, 3), (5, 6), (7, 9))
  """
  found: list[tuple[int, int]] = []
  for item in items:
    if found and found[-1][1] == item:
      found[-1] = (found[-1][0], item + 1)
    else:
      found.append((item, item + 1))
  return tuple(found)


@dataclasses.dataclass  # not frozen: Beam sets its label
class Mix(beam.PTransform[Any, Any]):
  """Expects a pipeline; makes some shards, and if they are the last finishes.

  Attributes:
    output: the output folder.
    fingerprint: of the plan, so that a worker never mixes two.
    items: work items, one for each shard.
    budget: see `finish`; None for a pass that is not the last.
    facts: what an engine's page shows.
  """

  output: str
  fingerprint: str
  items: Stretches
  budget: Budget | None
  facts: Facts = dataclasses.field(default_factory=dict)

  def expand(self, root: beam.Pipeline) -> beam.PCollection[Any]:
    read = ReadRecords(self.output, self.fingerprint, self.items)
    write = WriteShard(self.output, self.fingerprint, self.facts)
    written = (
      root
      | 'Start' >> beam.Impulse()
      | 'ListReads' >> beam.FlatMap(list_reads, self.output, self.fingerprint)
      | 'Spread' >> beam.GroupByKey()
      | 'Read' >> beam.ParDo(read)
      | 'Gather' >> beam.GroupByKey()
      | 'Write' >> beam.ParDo(write)
    )
    if self.budget is None:
      return written
    return (
      written
      | 'WaitForAll' >> beam.GroupByKey()
      | 'Finish'
      >> beam.Map(finish_run, self.output, self.fingerprint, self.budget)
    )


def list_reads(
  start: bytes, output: str, fingerprint: str
) -> Iterable[tuple[int, None]]:
  """Numbers of all reads, as keys."""
  del start  # an impulse carries nothing
  if finish.made_already(output):
    # An engine that fails after the last stage may begin at the first again.
    return []
  _, job = _load(plan_lib.plan_path(output), fingerprint)
  return [(index, None) for index in range(len(job.reads))]


class ReadRecords(beam.DoFn):
  """Expects numbers of reads as keys; emits blocks by the shard they go to."""

  def __init__(self, output: str, fingerprint: str, items: Stretches):
    super().__init__()
    self._output = output
    self._fingerprint = fingerprint
    self._items = items
    self._wanted: frozenset[int] = frozenset()
    self._shards = Metrics.counter('ul2_flan', 'shards-read')
    self._bytes = Metrics.counter('ul2_flan', 'bytes-shuffled')

  def setup(self) -> None:
    self._wanted = frozenset(
      item for start, stop in self._items for item in range(start, stop)
    )

  def process(
    self, keyed: tuple[int, Iterable[None]]
  ) -> Iterator[tuple[int, FrameBlock]]:
    if finish.made_already(self._output):
      return
    _, job = _load(plan_lib.plan_path(self._output), self._fingerprint)
    reads = job.reads[keyed[0]]
    for item, block in job.blocks(reads, self._wanted):
      self._bytes.inc(sum(map(len, block)))
      yield item, block
    self._shards.inc(len(reads))

  def display_data(self) -> dict[str, DisplayDataItem]:
    wanted = sum(stop - start for start, stop in self._items)
    label = 'Shards that it makes'
    return {'wanted': DisplayDataItem(wanted, label=label)}


class WriteShard(beam.DoFn):
  """Expects all blocks of a shard; emits its number when it is written."""

  def __init__(self, output: str, fingerprint: str, facts: Facts):
    super().__init__()
    self._output = output
    self._fingerprint = fingerprint
    self._facts = facts
    self._counters = dashboard.Counters()

  def process(
    self, keyed: tuple[int, Iterable[FrameBlock]]
  ) -> Iterator[tuple[None, int]]:
    if finish.made_already(self._output):
      return
    item, blocks = keyed
    plan, job = _load(plan_lib.plan_path(self._output), self._fingerprint)
    report = shard_lib.write_shard(self._output, plan, job, item, list(blocks))
    self._counters.add(report)
    yield None, item

  def display_data(self) -> dict[str, DisplayDataItem]:
    return dashboard.display(self._facts)


@dataclasses.dataclass  # not frozen: Beam sets its label
class Finish(beam.PTransform[Any, Any]):
  """Expects a pipeline; ends a run whose shards are all there."""

  output: str
  fingerprint: str
  budget: Budget

  def expand(self, root: beam.Pipeline) -> beam.PCollection[str]:
    return (
      root
      | 'Start' >> beam.Impulse()
      | 'Finish'
      >> beam.Map(finish_run, self.output, self.fingerprint, self.budget)
    )


def finish_run(
  event: Any, output: str, fingerprint: str, budget: Budget
) -> str:
  """Ends the run, once; the manifest's path."""
  del event  # that all is written; `finish` looks at the reports
  if made := finish.made_already(output):
    return made
  plan, _ = _load(plan_lib.plan_path(output), fingerprint)
  return finish.finish(output, plan, budget)
