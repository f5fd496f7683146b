"""Plan to shards on any Beam runner: two passes over a list of numbers.

    the plan's items → process each → all done → finish

Nothing but the numbers of work items crosses the engine, so the graph and its
size are the same for one file and for a million, and a worker's memory is that
of a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import dataclasses
import functools
import json
import threading
import time
from typing import Any

import apache_beam as beam
from apache_beam.transforms.display import DisplayDataItem
import numpy as np

from ul2_flan.pipelines.engines import dashboard
from ul2_flan.pipelines.engines.dashboard import Facts
from ul2_flan.pipelines.launch import finish
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run import reports
from ul2_flan.pipelines.run.contract import Batch, Budget, Progress, Worker
from ul2_flan.pipelines.run.kinds import job_of
from ul2_flan.pipelines.run.plan import Plan, WorkItem
from ul2_flan.pipelines.run.quarantine import Quarantine
from ul2_flan.pipelines.run.reports import Counts, ItemShard, Report
from ul2_flan.pipelines.run.shards import ShardWriter
from ul2_flan.pipelines.storage import files

# A job's caches of words and texts are for one thread at a time. An engine may
# run several in a process, which would have one core between them.
_ALONE = threading.Lock()


@functools.lru_cache(maxsize=1)
def _load(path: str, fingerprint: str) -> tuple[Plan, Worker]:
  """A worker's plan and job, once a process and not once a work item."""
  plan = plan_lib.load(path, fingerprint)
  return plan, job_of(plan)


def process_item(
  output: str, plan: Plan, job: Worker, item: WorkItem
) -> Report:
  """Does one work item, unless its report says that it is done."""
  done = reports.read(output, item.index)
  if done is not None and done.plan == plan.fingerprint:
    return done
  counts = Counts()
  shards: list[ItemShard] = []
  beat = _Heartbeat(output, item)
  before = 0
  with Quarantine(output, item) as quarantine:
    for part in item.parts:
      group = plan.groups[part.group]
      with ShardWriter(output, group, part) as writer:
        for result in job.results(part, counts):
          if isinstance(result, Batch):
            _write(writer, group.data_sets, result)
          elif isinstance(result, Progress):
            beat.tell(before + result.source_bytes, counts)
          else:
            quarantine.add(result)
        shards += writer.commit()
      before += part.size
    quarantine.commit()
  report = Report(item.index, plan.fingerprint, tuple(shards), counts)
  reports.write(report, output)
  beat.stop()
  return report


def _write(
  writer: ShardWriter, data_sets: tuple[str, ...], batch: Batch
) -> None:
  for index, data_set in enumerate(data_sets):
    for split, in_split in (
      ('train', ~batch.is_validation),
      ('validation', batch.is_validation),
    ):
      chosen = np.flatnonzero(in_split & (batch.data_set == index))
      if len(chosen):
        examples = [batch.records[i] for i in chosen.tolist()]
        writer.write(data_set, split, examples, batch.keys[chosen])


class _Heartbeat:
  """Tells, now and then, how far a work item is; the launcher reads it."""

  # A local file costs nothing; a bucket is written to four times a minute.
  _LOCAL_SECONDS, _REMOTE_SECONDS = 0.5, 15.0

  def __init__(self, output: str, item: WorkItem):
    self._path = reports.beat_path(output, item.index)
    self._scratch = files.join(output, plan_lib.PROGRESS_FOLDER)
    remote = '://' in output
    self._interval = self._REMOTE_SECONDS if remote else self._LOCAL_SECONDS
    self._last = time.monotonic()

  def tell(self, source_bytes: int, counts: Counts) -> None:
    now = time.monotonic()
    if now - self._last < self._interval:
      return
    self._last = now
    state = {'bytes': source_bytes, 'tokens': counts['tokens/read']}
    files.write_bytes(self._path, json.dumps(state).encode(), self._scratch)

  def stop(self) -> None:
    files.delete([self._path])


@dataclasses.dataclass  # not frozen: Beam sets its label
class Materialise(beam.PTransform[Any, Any]):
  """Expects a pipeline; does its plan, and emits the manifest's path.

  The first grouping, by number, lets an engine spread the work items over its
  workers; the second waits for all of them.

  Attributes:
    output: the output folder.
    fingerprint: of the plan, so that a worker never mixes two.
    budget: see `finish`.
    facts: what an engine's page shows.
  """

  output: str
  fingerprint: str
  budget: Budget
  facts: Facts = dataclasses.field(default_factory=dict)

  def expand(self, root: beam.Pipeline) -> beam.PCollection[str]:
    process = ProcessItem(self.output, self.fingerprint, self.facts)
    return (
      root
      | 'Start' >> beam.Impulse()
      | 'ListItems' >> beam.FlatMap(list_items, self.output)
      | 'Spread' >> beam.GroupByKey()
      | 'Process' >> beam.ParDo(process)
      | 'WaitForAll' >> beam.GroupByKey()
      | 'Finish'
      >> beam.Map(finish_run, self.output, self.fingerprint, self.budget)
    )


def steps(plan: Plan, output: str, budget: Budget) -> list[Materialise]:
  """All of a run in one pipeline."""
  facts = dashboard.facts_of(plan, output)
  return [Materialise(output, plan.fingerprint, budget, facts)]


def list_items(start: bytes, output: str) -> Iterable[tuple[int, None]]:
  """Numbers of all work items, as keys."""
  del start  # an impulse carries nothing
  if finish.made_already(output):
    # An engine that fails after the last stage may begin at the first again.
    return []
  plan = plan_lib.load(plan_lib.plan_path(output))
  return [(index, None) for index in range(len(plan.items))]


class ProcessItem(beam.DoFn):
  """Expects the numbers of work items as keys; emits them under one key."""

  def __init__(self, output: str, fingerprint: str, facts: Facts):
    super().__init__()
    self._output = output
    self._fingerprint = fingerprint
    self._facts = facts
    self._counters = dashboard.Counters()

  def process(
    self, keyed: tuple[int, Iterable[None]]
  ) -> Iterator[tuple[None, int]]:
    if finish.made_already(self._output):
      return
    index, _ = keyed
    path = plan_lib.plan_path(self._output)
    plan, job = _load(path, self._fingerprint)
    with _ALONE:
      report = process_item(self._output, plan, job, plan.items[index])
    self._counters.add(report)
    yield None, index

  def display_data(self) -> dict[str, DisplayDataItem]:
    return dashboard.display(self._facts)


def finish_run(
  done: tuple[None, Iterable[int]],
  output: str,
  fingerprint: str,
  budget: Budget,
) -> str:
  """Ends the run, once; the manifest's path."""
  if made := finish.made_already(output):
    return made
  plan, _ = _load(plan_lib.plan_path(output), fingerprint)
  if set(done[1]) != set(range(len(plan.items))):
    raise RuntimeError('the engine lost work items')
  return finish.finish(output, plan, budget)
