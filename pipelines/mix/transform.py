"""Runs a mix run on any engine: one pass over the members, one shuffle.

    numbers of reads → blocks of frames by shard → group → write each → finish

Blocks of frames cross the engine, keyed by the work item of the output shard.
The graph is the same for one member and for seven thousand.
"""

from collections.abc import Iterable, Iterator, Sequence
import dataclasses

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.chain import Chain, Function, Share
from ul2_flan.pipelines.engines.dashboard import Facts
from ul2_flan.pipelines.launch import resume
from ul2_flan.pipelines.launch.transform import (
  Finish,
  ListNumbers,
  RunFunction,
  RunRef,
  load,
)
from ul2_flan.pipelines.mix.frames import FrameBlock
from ul2_flan.pipelines.mix.worker import MixWorker
from ul2_flan.pipelines.mix.write_shard import write_shard
from ul2_flan.pipelines.run import Budget, Plan, paths
from ul2_flan.pipelines.storage import files, folders

# Numbers of work items, as [start, stop) of each stretch without a gap: a graph
# with a million numbers in it would be too large to submit.
Stretches = tuple[tuple[int, int], ...]


def steps(
  plan: Plan, output: str, budget: Budget, engine: Engine
) -> list[Chain]:
  """Makes the chains for the shards that are not there yet.

  There is one for each pass. Each reads all members and shuffles only the
  frames of its shards, for a machine that holds its shuffle in memory.
  """
  run = RunRef.of(plan, output)
  _forget_reads(output)
  items = resume.unfinished(output, plan)
  size = max(1, -(-len(items) // engine.passes))
  # A run whose shards are all there has one pass, which ends it.
  passes = [items[i : i + size] for i in range(0, len(items), size)] or [[]]
  return [
    dataclasses.replace(
      chain_of(run, _stretches(wanted), budget if i == len(passes) else None),
      share=_share(plan, wanted, i, len(passes)),
    )
    for i, wanted in enumerate(passes, 1)
  ]


def _forget_reads(output: str) -> None:
  """Deletes what a launcher that was stopped has left: all is read again."""
  listed = folders.inside(paths.progress_folder(output))
  marks = [path for path, _ in listed if '/read-' in path]
  files.delete(marks)


def _share(plan: Plan, items: Sequence[int], number: int, passes: int) -> Share:
  """Describes a pass: it reads all shards of all members, then writes its own.

  Args:
    plan: the run's.
    items: the work items that the pass does.
    number: of the pass, from 1.
    passes: how many there are.
  """
  which = '' if passes == 1 else f' in pass {number} of {passes}'
  reads = plan.estimate.get('source_bytes', 0) if items else 0
  return Share(f'bytes read and written{which}', frozenset(items), reads)


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


def chain_of(run: RunRef, items: Stretches, budget: Budget | None) -> Chain:
  """Makes the chain of a pass: some shards, and the end after the last ones.

  Args:
    run: the run.
    items: the work items to do; each writes a shard.
    budget: how much may go wrong; None for a pass that is not the last, which
      does not finish the run.
  """
  end: list[tuple[str, Function | None]] = []
  if budget:
    end = [('Finish', Finish(run, budget))]
  if not items:
    return Chain(tuple(end))
  if end:
    end.insert(0, ('WaitForAll', None))
  return Chain(
    (
      ('ListReads', ListNumbers(run, count_reads)),
      ('Spread', None),
      ('Read', ReadRecords(run, items)),
      ('Gather', None),
      ('Write', WriteShard(run)),
      *end,
    )
  )


def count_reads(run: RunRef) -> int:
  """Counts the groups of shards that a run reads."""
  _, worker = load(run)
  return len(worker.reads)


class ReadRecords(RunFunction):
  """Expects numbers of reads as keys; emits blocks by work item."""

  def __init__(self, run: RunRef, items: Stretches):
    super().__init__(run)
    self._items = items
    self._wanted: frozenset[int] = frozenset()

  def setup(self) -> None:
    self._wanted = frozenset(
      item for start, stop in self._items for item in range(start, stop)
    )

  def do(
    self, plan: Plan, worker: MixWorker, number: int, values: Iterable[None]
  ) -> Iterator[tuple[int, FrameBlock]]:
    reads = worker.reads[number]
    for item, block in worker.blocks(reads, self._wanted):
      self.count('bytes-shuffled', sum(map(len, block)))
      yield item, block
    self.count('shards-read', len(reads))
    output, first = self.run.output, self._items[0][0]
    size = sum(read.shard.bytes for read in reads)
    # Nobody needs it after a loss of power.
    files.write_bytes(
      paths.read_mark(output, first, number, size),
      b'',
      paths.progress_folder(output),
      lasting=False,
    )

  def facts(self) -> Facts:
    wanted = sum(stop - start for start, stop in self._items)
    return {'wanted': ('Shards that it makes', wanted)}


class WriteShard(RunFunction):
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
    self.count_item(plan, report)
    yield None, number
