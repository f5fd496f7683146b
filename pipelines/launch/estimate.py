"""Estimates what a run gives and costs, from a second or two of its own work.

One estimator serves all kinds of run. A kind lets its worker make the examples
of a few places all over the sources, which a `Look` adds up: that tells tokens
and bytes, and the plan is divided by it. `measure` begins a few work items of
the plan, with all that belongs to them, and leaves them when they have told
enough: that tells CPU time and memory. It measures CPU time, since a machine
that waits for a bucket can do other work items meanwhile.
"""

import bisect
from collections.abc import Iterable, Iterator, Sequence
import contextlib
import dataclasses
import itertools
from pathlib import Path
import platform
import re
import resource
import sys
import tempfile
import time
from typing import TypeVar

from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.launch.map_only import process_item
from ul2_flan.pipelines.run import (
  Batch,
  Counts,
  Part,
  PartWorker,
  Plan,
  Progress,
  Result,
  WorkItem,
)
from ul2_flan.pipelines.run.counts import example_tokens
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.storage import vocabularies

_T = TypeVar('_T')

# CPU seconds of a sample: enough for some blocks of text, and for some tasks of
# each large suite.
SECONDS = 2.0
_PARTS = 8

# Caches grow on after the sample: the peak of runs over 0.1 and 2 GB of text,
# and over 218 tasks, was 0.9 to 1.5 times as far above what there was before.
_GROWTH = 1.5

# The golden ratio's fraction. Stepping by it around a circle spreads any first
# few steps evenly.
_GOLDEN = 0.618034


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
  """The cost of a run.

  Attributes:
    cpu_seconds: of all its work items, on this machine; starting workers and
      moving what is shuffled come on top.
    worker_bytes: peak memory of a process that does one work item at a time.
    sample_seconds: CPU time that was measured.
    processor: what it was measured on.
  """

  cpu_seconds: float
  worker_bytes: int
  sample_seconds: float
  processor: str


@dataclasses.dataclass(slots=True)
class Look:
  """Adds up what a worker makes of the beginnings of some sources.

  Attributes:
    counts: what the worker counted.
    source_bytes: how much of the sources it took.
    records: how many examples it made.
    written: the bytes of these.
    rejects: what it could not use.
  """

  counts: Counts = dataclasses.field(default_factory=Counts)
  source_bytes: float = 0.0
  records: int = 0
  written: int = 0
  rejects: list[Reject] = dataclasses.field(default_factory=list)

  def add(self, results: Iterable[Result]) -> None:
    """Adds what a worker yields."""
    for result in results:
      if isinstance(result, Batch):
        self.records += len(result.records)
        self.written += sum(map(len, result.records))
      elif isinstance(result, list):
        self.rejects += result


def expect_text(plan: Plan, times: float, processes: int) -> None:
  """Tells the vocabulary of a plan how much text is to come.

  Args:
    plan: of a run that tokenises text.
    times: how often it tokenises each text, at least 1.
    processes: how many may do the work: this one, or its forks.

  Raises:
    UserError: the vocabulary's file has changed since the plan was made.
  """
  vocabulary = vocabularies.load_planned(plan.config['vocabulary'])
  processes = max(1, min(processes, len(plan.items)))
  vocabulary.expect(plan.estimate['tokens'], times, processes)


def measure(plan: Plan) -> Cost:
  """Does a little of a plan's work, below a temporary folder."""
  start = time.process_time()
  before = _peak()
  kind_of(plan.kind).prepare(plan, 1)
  with tempfile.TemporaryDirectory(prefix='sample-') as scratch:
    seconds, held = kind_of(plan.kind).cost(plan, scratch)
  if held is None:
    held = round(_GROWTH * (_peak() - before))
  worker_bytes = max(_peak(), before + held)
  took = time.process_time() - start
  return Cost(seconds, worker_bytes, took, _processor())


def _peak() -> int:
  """Returns the most memory that this process has had, in bytes."""
  # Linux says kilobytes, macOS bytes.
  peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
  return peak if sys.platform == 'darwin' else 1024 * peak


def _processor() -> str:
  """Names the processor, as precisely as the system does."""
  with contextlib.suppress(OSError):
    text = Path('/proc/cpuinfo').read_text()
    if match := re.search(r'^model name\s*: *(.+)$', text, re.MULTILINE):
      return match[1].strip()
  return platform.processor() or platform.machine()


def spread(things: Sequence[_T], sizes: Sequence[float]) -> Iterator[_T]:
  """Picks some things, each once: any prefix is spread evenly by size.

  This is golden-ratio stepping, the most even of additive sequences (Knuth, The
  Art of Computer Programming, volume 3, section 6.4).
  """
  bounds = list(itertools.accumulate(sizes, initial=0.0))
  seen: set[int] = set()
  for i in range(4 * _PARTS):
    at = (0.5 + i * _GOLDEN) % 1 * bounds[-1]
    index = min(bisect.bisect_right(bounds, at), len(things)) - 1
    if index not in seen:
      seen.add(index)
      yield things[index]


def cost_of_parts(plan: Plan, scratch: str) -> tuple[float, None]:
  """Works out the CPU seconds of a map-only run; see `Kind.cost`.

  A part costs something for each token that it gives, and something besides:
  opening its files, or reading all rows of a task to choose those under its
  cap. The time between two blocks of a part tells the first.
  """
  worker = kind_of(plan.kind).worker(plan)
  parts = [part for item in plan.items for part in item.parts]
  sizes = [float(part.size) for part in parts]
  samples: list[_Sample] = []
  for part in spread(parts, sizes):
    samples.append(_sample(plan, worker, part, len(samples), scratch))
    if sum(s.seconds for s in samples) > SECONDS:
      break
  # Where few tokens come after the first block, as where documents are joined,
  # the time between tells nothing of them.
  steps = [s for s in samples if s.step_tokens > s.tokens / 10]
  if steps:
    per_token = sum(s.step_seconds for s in steps)
    per_token /= sum(s.step_tokens for s in steps)
  else:
    per_token = sum(s.seconds for s in samples)
    per_token /= max(1, sum(s.tokens for s in samples))
  # The first sample has also filled the caches, which a process does once.
  rest = samples[1:] or samples
  besides = sum(
    max(0.0, s.seconds - s.tokens * per_token) / s.part.size for s in rest
  ) / len(rest)
  return per_token * plan.estimate['tokens'] + besides * sum(sizes), None


@dataclasses.dataclass(slots=True)
class _Sample:
  """The cost of the beginning of a part.

  Attributes:
    part: the part.
    seconds: CPU time of all that was done.
    tokens: how many it gave.
    step_seconds: CPU time of its blocks after the first.
    step_tokens: tokens of those.
  """

  part: Part
  seconds: float
  tokens: int
  step_seconds: float
  step_tokens: int


def _sample(
  plan: Plan, worker: PartWorker, part: Part, number: int, scratch: str
) -> _Sample:
  brief = _BriefWorker(worker)
  start = time.process_time()
  item = WorkItem(number, (part,))
  process_item(scratch, plan, brief, item, is_sample=True)
  seconds = time.process_time() - start
  marks = brief.marks or [(start, 0)]  # a task may fail, and is then left out
  (first, before), (last, after) = marks[0], marks[-1]
  return _Sample(part, seconds, after, last - first, after - before)


class _BriefWorker:
  """A worker that leaves a part when it has had its share of the sample.

  Attributes:
    marks: CPU time and tokens at the end of each block.
  """

  def __init__(self, worker: PartWorker):
    self._worker = worker
    self.marks: list[tuple[float, int]] = []

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    end = time.process_time() + SECONDS / _PARTS
    for result in self._worker.results(part, counts):
      yield result
      if isinstance(result, Progress):
        self._mark(counts)
        if self.marks[-1][0] > end and len(self.marks) > 1:
          return
    # Documents that are joined are counted when a group of them is whole.
    self._mark(counts)

  def _mark(self, counts: Counts) -> None:
    # Plans estimate tokens of text, or of examples if there is no text.
    tokens = counts['tokens/read'] or example_tokens(counts)
    self.marks.append((time.process_time(), tokens))
