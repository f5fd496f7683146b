"""A mix run on any Beam runner: one pass over the members, one shuffle.

    reads → records to blocks by shard → group → write each shard → finish

What crosses the engine is blocks of encoded records, keyed by output shard; the
graph is the same for one member and for seven thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
import dataclasses
import functools
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from ul2_flan.pipelines import finish, mix_shard, reports, work
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.mixing import Block, MixJob
from ul2_flan.pipelines.work import Plan


@functools.lru_cache(maxsize=1)
def _load(path: str, fingerprint: str) -> tuple[Plan, MixJob]:
  plan = work.load(path)
  if plan.fingerprint != fingerprint:
    raise RuntimeError(f'{path} was replaced while the run was under way')
  return plan, MixJob(plan)


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
    items = [
      item.index
      for item in plan.items
      if not _is_done(plan, output, item.index)
    ]
    if not items:
      return [Finish(output, plan.fingerprint, budget)]
    size = -(-len(items) // passes)
    starts = range(0, len(items), size)
    return [
      Mix(
        output,
        plan.fingerprint,
        tuple(items[start : start + size]),
        budget if start == starts[-1] else None,
      )
      for start in starts
    ]

  return make


def _is_done(plan: Plan, output: str, item: int) -> bool:
  report = reports.read(output, item)
  return report is not None and report.plan == plan.fingerprint


@dataclasses.dataclass  # not frozen: Beam sets its label
class Mix(beam.PTransform[Any, Any]):
  """Expects a pipeline; makes some shards, and if they are the last finishes.

  Attributes:
    output: the output folder.
    fingerprint: of the plan, so that a worker never mixes two.
    items: work items, one for each shard.
    budget: see `finish`; None for a pass that is not the last.
  """

  output: str
  fingerprint: str
  items: tuple[int, ...]
  budget: Budget | None

  def expand(self, root: beam.Pipeline) -> beam.PCollection[Any]:
    written = (
      root
      | 'Start' >> beam.Impulse()
      | 'ListReads' >> beam.FlatMap(_list_reads, self.output, self.fingerprint)
      | 'Spread' >> beam.GroupByKey()
      | 'Read'
      >> beam.ParDo(ReadRecords(self.output, self.fingerprint, self.items))
      | 'Gather' >> beam.GroupByKey()
      | 'Write' >> beam.ParDo(WriteShard(self.output, self.fingerprint))
    )
    if self.budget is None:
      return written
    return (
      written
      | 'WaitForAll' >> beam.GroupByKey()
      | 'Finish'
      >> beam.Map(_finish, self.output, self.fingerprint, self.budget)
    )


def _list_reads(
  start: bytes, output: str, fingerprint: str
) -> Iterable[tuple[int, None]]:
  del start  # an impulse carries nothing
  if finish.made_already(output):
    # An engine that fails after the last stage may begin at the first again.
    return []
  _, job = _load(work.plan_path(output), fingerprint)
  return [(index, None) for index in range(len(job.reads))]


class ReadRecords(beam.DoFn):
  """Expects numbers of reads as keys; emits blocks by the shard they go to."""

  def __init__(self, output: str, fingerprint: str, items: tuple[int, ...]):
    super().__init__()
    self._output = output
    self._fingerprint = fingerprint
    self._items = frozenset(items)

  def process(
    self, keyed: tuple[int, Iterable[None]]
  ) -> Iterator[tuple[int, Block]]:
    if finish.made_already(self._output):
      return
    _, job = _load(work.plan_path(self._output), self._fingerprint)
    yield from job.blocks(job.reads[keyed[0]], self._items)


class WriteShard(beam.DoFn):
  """Expects all blocks of a shard; emits its number when it is written."""

  def __init__(self, output: str, fingerprint: str):
    super().__init__()
    self._output = output
    self._fingerprint = fingerprint
    self._examples = Metrics.counter('ul2_flan', 'examples-written')
    self._bytes = Metrics.counter('ul2_flan', 'bytes-written')

  def process(
    self, keyed: tuple[int, Iterable[Block]]
  ) -> Iterator[tuple[None, int]]:
    if finish.made_already(self._output):
      return
    item, blocks = keyed
    plan, job = _load(work.plan_path(self._output), self._fingerprint)
    report = mix_shard.write_shard(self._output, plan, job, item, list(blocks))
    self._examples.inc(sum(s.records for s in report.shards))
    self._bytes.inc(sum(s.bytes for s in report.shards))
    yield None, item

  def display_data(self) -> dict[str, str]:
    return {'output': self._output, 'plan': self._fingerprint}


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
      >> beam.Map(_finish, self.output, self.fingerprint, self.budget)
    )


def _finish(event: Any, output: str, fingerprint: str, budget: Budget) -> str:
  del event  # that all is written; `finish` looks at the reports
  if made := finish.made_already(output):
    return made
  plan, _ = _load(work.plan_path(output), fingerprint)
  return finish.finish(output, plan, budget)
