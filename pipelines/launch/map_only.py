"""A run that shuffles nothing: each work item by itself, on any worker.

    numbers of work items → process each → all done → finish

A worker holds one block of documents or rows at a time, whatever the size of
the corpus. Only the numbers of finished items come back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
import json
import threading
import time

import numpy as np

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.launch.transform import (
  Finish,
  ListNumbers,
  RunFunction,
  RunRef,
  load_plan,
)
from ul2_flan.pipelines.run import (
  Batch,
  Budget,
  Counts,
  ItemShard,
  PartWorker,
  Plan,
  Progress,
  Report,
  WorkItem,
  paths,
  reports,
)
from ul2_flan.pipelines.run.contract import Scratch
from ul2_flan.pipelines.run.quarantine import Quarantine
from ul2_flan.pipelines.run.shards import ShardWriter
from ul2_flan.pipelines.sources import marks
from ul2_flan.pipelines.sources.block import DAMAGED_FILE
from ul2_flan.pipelines.sources.marks import Mark
from ul2_flan.pipelines.storage import files

# A worker's caches of words and texts serve one thread at a time. An engine may
# run several threads in a process, which would share one core anyway.
_ALONE = threading.Lock()


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Chain]:
  """Does all of a run in one chain."""
  del engine  # all do the same
  run = RunRef.of(plan, output)
  return [chain_of(run, budget, ProcessItem(run))]


def count_items(run: RunRef) -> int:
  """Counts the work items of a run."""
  return len(load_plan(run).items)


def chain_of(
  run: RunRef,
  budget: Budget,
  work: RunFunction,
  count: Callable[[RunRef], int] = count_items,
  then: Sequence[tuple[str, RunFunction | None]] = (),
) -> Chain:
  """Makes the chain of a run, which emits the manifest's path.

  Args:
    run: the run.
    budget: how much may go wrong.
    work: does a work item; `failures` knows it by its label.
    count: counts the items that it does, which are the first.
    then: what follows when all are done.
  """
  return Chain(
    (
      ('ListItems', ListNumbers(run, count)),
      # Without a grouping an engine would fuse the list with the work, and one
      # worker would do it all.
      ('Spread', None),
      ('Process', work),
      ('WaitForAll', None),
      *then,
      ('Finish', Finish(run, budget)),
    )
  )


class ProcessItem(RunFunction):
  """Expects numbers of work items as keys; emits them under one key."""

  # An engine may repeat an item that is done, or give it to two workers.
  def do(
    self, plan: Plan, worker: PartWorker, number: int, values: Iterable[None]
  ) -> Iterator[tuple[None, int]]:
    item = plan.items[number]
    with _ALONE:
      report = resume.report_of(self.run.output, plan, number)
      report = report or process_item(self.run.output, plan, worker, item)
    self.count_item(plan, report)
    yield None, number


def process_item(
  output: str,
  plan: Plan,
  worker: PartWorker,
  item: WorkItem,
  *,
  is_sample: bool = False,
) -> Report:
  """Does one work item: writes its shards and rejects, then its report.

  The report comes last, so a worker that dies before it leaves the item undone.
  A second try writes the same bytes under the same names.

  Args:
    output: the output folder.
    plan: the run's.
    worker: its worker.
    item: the item.
    is_sample: whether nobody will go on from here.
  """
  counts = Counts()
  shards: list[ItemShard] = []
  damaged: dict[str, str] = {}
  beat = _Heartbeat(output, item)
  before = 0  # source bytes of the parts that are done
  with Quarantine(output, item) as quarantine:
    for part in item.parts:
      group = plan.groups[part.group]
      with ShardWriter(output, group, part, plan.file_format) as writer:
        for result in worker.results(part, counts):
          if isinstance(result, Batch):
            _write(writer, group.data_sets, result)
          elif isinstance(result, Progress):
            beat.tell(before + result.source_bytes)
          elif isinstance(result, Scratch):
            writer.keep(result.data)
          else:
            quarantine.add(result)
            for reject in result:
              if reject.reason == DAMAGED_FILE:
                damaged.setdefault(reject.source, reject.where)
        shards += writer.commit()
      before += part.size
    quarantine.commit()
  read = () if is_sample else _marks(plan, item, damaged)
  report = Report(
    item.index,
    plan.fingerprint,
    tuple(shards),
    counts,
    read,
    damaged,
    quarantine.made,
  )
  files.flush_below(output, (shard.path for shard in shards))
  reports.write(report, output)
  beat.stop()
  return report


def _marks(
  plan: Plan, item: WorkItem, damaged: dict[str, str]
) -> tuple[Mark, ...]:
  """Marks all that a work item was made of, and adds files cut meanwhile."""
  reads = kind_of(plan.kind).reads
  pieces = (piece for part in item.parts for piece in reads(plan, part))
  made = []
  for piece in dict.fromkeys(pieces):
    if mark := marks.mark(piece):
      made.append(mark)
      if lost := marks.lost(piece, mark):
        damaged.setdefault(piece.path, lost)
  return tuple(made)


def _write(
  writer: ShardWriter, data_sets: tuple[str, ...], batch: Batch
) -> None:
  splits = ('train', ~batch.is_validation), ('validation', batch.is_validation)
  for index, data_set in enumerate(data_sets):
    of_it = batch.data_set == index
    for split, in_split in splits:
      chosen = np.flatnonzero(of_it & in_split)
      if len(chosen):
        examples = [batch.records[i] for i in chosen.tolist()]
        denoisers = None if batch.denoiser is None else batch.denoiser[chosen]
        writer.write(data_set, split, examples, batch.keys[chosen], denoisers)


class _Heartbeat:
  """Tells now and then how far a work item is; `progress` reads it."""

  # A local file costs nothing; a bucket is written to four times a minute.
  _LOCAL_SECONDS, _REMOTE_SECONDS = 0.5, 15.0

  def __init__(self, output: str, item: WorkItem):
    self._path = paths.beat_path(output, item.index)
    self._scratch = paths.progress_folder(output)
    remote = '://' in output
    self._interval = self._REMOTE_SECONDS if remote else self._LOCAL_SECONDS
    self._last = time.monotonic()

  def tell(self, source_bytes: int) -> None:
    now = time.monotonic()
    if now - self._last < self._interval:
      return
    self._last = now
    data = json.dumps({'bytes': source_bytes}).encode()
    # Nobody needs it after a loss of power.
    files.write_bytes(self._path, data, self._scratch, lasting=False)

  def stop(self) -> None:
    files.delete([self._path])
