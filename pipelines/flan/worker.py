"""Does the work of a Flan run: reads tasks and makes their examples.

A part is one task, or a stretch of a large one.
"""

from collections.abc import Callable, Iterable, Iterator
import functools
import traceback

import numpy as np

from ul2_flan.pipelines.flan import render
from ul2_flan.pipelines.flan.context import (
  Encoding,
  TaskContext,
  selector_of,
  task_of,
)
from ul2_flan.pipelines.flan.encode import Encoder
from ul2_flan.pipelines.flan.released import SUITE
from ul2_flan.pipelines.flan.released.bins import Bins, is_released
from ul2_flan.pipelines.flan.released.make import make
from ul2_flan.pipelines.flan.released.route import route
from ul2_flan.pipelines.flan.released.routed_rows import RoutedFiles
from ul2_flan.pipelines.run import Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources import ReadOptions, RowBlock, read

# A task is read twice. If its files are smaller than this, and most are, its
# rows stay in memory in between.
_KEPT_BYTES = 8 << 20


def pieces_of_task(plan: Plan, part: Part) -> list[Piece]:
  """Returns all of a part's task: each part chooses from the same rows."""
  return [piece for p in plan.parts(part.group) for piece in p.pieces]


class FlanWorker:
  """Makes the examples of one task after another; see `PartWorker`."""

  def __init__(self, plan: Plan):
    """Loads the vocabulary and finds which characters it can write."""
    config = plan.config
    self._plan = plan
    self._options = ReadOptions(**config['read_options'])
    self._encoding = Encoding(config)
    self._routed: RoutedFiles | None = None

  @functools.cached_property
  def _bins(self) -> Bins:
    return Bins.of(self._plan)

  def read_from(self, output: str) -> None:
    """Reads what a run has routed of dumps from its folder, from now on.

    Without this, the worker makes no examples of dumps. It is called for each
    work item: what one has kept of these files may be old for the next.
    """
    self._routed = RoutedFiles(self._plan, self._bins, output)

  @property
  def encoder(self) -> Encoder:
    """The run's encoder."""
    return self._encoding.encoder

  def context(self, part: Part) -> TaskContext:
    """Returns what is the same for all blocks of a part."""
    return TaskContext.of(self._plan, part.group, self._encoding)

  def blocks(self, piece: Piece, context: TaskContext) -> Iterator[RowBlock]:
    """Reads the rows of a piece."""
    return read(piece, context.task, context.source, self._options)

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the examples of a part. An error of a task leaves out that task."""
    if part.group == SUITE:
      yield from route(part, self._bins, counts)
      return
    if is_released(self._plan, part.group):
      yield from self._of_dump(part, counts)
      return
    try:
      yield from self._results(part, counts)
    except (OSError, MemoryError):
      # These are the machine's or a file system's: the engine may try again.
      raise
    except Exception as e:
      counts.add(f'{part.group}/failed')
      detail = ''.join(traceback.format_exception(e)[-3:])
      yield [Reject(part.pieces[0].path, 0, 'failed', detail, b'')]

  def _of_dump(self, part: Part, counts: Counts) -> Iterator[Result]:
    if self._routed:
      task = task_of(self._plan.config, part.group)
      yield from make(
        self._plan,
        part,
        selector_of(self._plan.config, task),
        self._encoding.encoder,
        self._routed,
        self._bins,
        counts,
      )

  def _results(self, part: Part, counts: Counts) -> Iterator[Result]:
    context = self.context(part)
    pieces = pieces_of_task(self._plan, part)
    read_twice: Callable[[Piece], Iterable[RowBlock]] = functools.partial(
      self.blocks, context=context
    )
    kept: dict[Piece, list[RowBlock]] = {}
    if sum(piece.size for piece in pieces) <= _KEPT_BYTES:
      kept = {piece: list(read_twice(piece)) for piece in pieces}
      read_twice = kept.__getitem__
    whole = context.selector.all_of([b for bs in kept.values() for b in bs])
    selection = whole or context.selector.select(
      ((piece.split, block) for piece in pieces for block in read_twice(piece)),
      context.few_shot,
    )
    pool = None
    if context.few_shot and not whole:
      candidates = render.candidates_of(context, selection)
      pool = render.pool_of(context, candidates)
    before = 0
    for piece in part.pieces:
      for block in read_twice(piece):
        instances, is_validation, places, rejects = render.instances_of(
          context, selection, piece.split, block, counts
        )
        if rejects:
          yield rejects
        if context.few_shot and whole:
          # These are the candidates: they are neither chosen nor made twice.
          candidates = instances.take(np.flatnonzero(~is_validation))
          pool = render.pool_of(context, candidates)
        yield from render.render(
          context, instances, is_validation, pool, places, counts
        )
        yield Progress(before + block.source_bytes)
      before += piece.size
