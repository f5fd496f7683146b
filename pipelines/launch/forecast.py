"""What a run will cost, from a second or two of its own work.

Work items are begun, with all that their work is, and left when they have told
enough; what they write goes to a temporary folder. CPU time is what is taken:
a machine that waits for a bucket can do other work items meanwhile.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
import contextlib
import dataclasses
from pathlib import Path
import pickle
import platform
import re
import resource
import sys
import tempfile
import time
from typing import TypeVar

from ul2_flan.pipelines.launch import materialise
from ul2_flan.pipelines.mix import plan as mix_plan
from ul2_flan.pipelines.mix import shard as shard_lib
from ul2_flan.pipelines.mix.shuffle import HELD_BYTES, MixWorker, frames_of
from ul2_flan.pipelines.run.contract import Batch, Progress, Worker
from ul2_flan.pipelines.run.kinds import job_of
from ul2_flan.pipelines.run.plan import Part, Plan, WorkItem
from ul2_flan.pipelines.run.reports import Counts
from ul2_flan.pipelines.run.summary import Cost
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.storage import files

_T = TypeVar('_T')

# CPU seconds of the sample: enough for some blocks of text, and for some tasks
# of each large suite.
_SECONDS = 2.0
_PARTS = 8

# Caches grow on after the sample: the peak of runs over 0.1 and 2 GB of text,
# and over 218 tasks, was 0.9 to 1.5 times as far above what there was before.
_GROWTH = 1.5

# Frames of a mix run that are packed, of each group of shards that is read.
_MIX_FRAMES = 8192

# Of these, the more there is of one, the farther apart any first few lie.
_GOLDEN = 0.618034


def measure(plan: Plan) -> Cost:
  """Does a little of a plan's work."""
  start = time.process_time()
  before = _peak()
  with tempfile.TemporaryDirectory(prefix='sample-') as scratch:
    if plan.job == 'mix':
      seconds, held = _mix(plan, scratch)
    else:
      seconds = _parts(plan, scratch)
      held = round(_GROWTH * (_peak() - before))
  return Cost(
    seconds,
    max(_peak(), before + held),
    time.process_time() - start,
    _processor(),
  )


def _peak() -> int:
  """The most memory that this process has had, in bytes."""
  peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
  return peak if sys.platform == 'darwin' else 1024 * peak


def _processor() -> str:
  """The processor's name, where Linux tells it."""
  with contextlib.suppress(OSError):
    text = Path('/proc/cpuinfo').read_text()
    if found := re.search(r'^model name\s*: *(.+)$', text, re.MULTILINE):
      return found[1].strip()
  return platform.processor() or platform.machine()


def _spread(things: Sequence[_T], sizes: Sequence[float]) -> Iterator[_T]:
  """Some things, evenly by size; each once, and any first few are spread."""
  bounds = [0.0]
  for size in sizes:
    bounds.append(bounds[-1] + size)
  seen: set[int] = set()
  for i in range(4 * _PARTS):
    at = (0.5 + i * _GOLDEN) % 1 * bounds[-1]
    index = min(bisect.bisect_right(bounds, at), len(things)) - 1
    if index not in seen:
      seen.add(index)
      yield things[index]


def _parts(plan: Plan, scratch: str) -> float:
  """CPU seconds of a map-only run.

  A part costs something for each token that it gives, and something beside:
  opening its files, or reading all records of a task to choose those under its
  cap. The first is known from the time between two blocks of a part.
  """
  job = job_of(plan)
  parts = [part for item in plan.items for part in item.parts]
  sizes = [float(part.size) for part in parts]
  samples: list[_Sample] = []
  for part in _spread(parts, sizes):
    samples.append(_sample(plan, job, part, len(samples), scratch))
    if sum(s.seconds for s in samples) > _SECONDS:
      break
  steps = [s for s in samples if s.step_tokens]
  if steps:
    per_token = sum(s.step_seconds for s in steps)
    per_token /= sum(s.step_tokens for s in steps)
  else:
    per_token = sum(s.seconds for s in samples)
    per_token /= max(1, sum(s.tokens for s in samples))
  # The first has also filled the caches, which a process does once.
  rest = samples[1:] or samples
  beside = sum(
    max(0.0, s.seconds - s.tokens * per_token) / s.part.size for s in rest
  ) / len(rest)
  return per_token * plan.estimate['tokens'] + beside * sum(sizes)


@dataclasses.dataclass(slots=True)
class _Sample:
  """What the beginning of a part took.

  Attributes:
    part: the part.
    seconds: of CPU time, all that was done.
    tokens: that it gave.
    step_seconds: of its blocks after the first.
    step_tokens: of those.
  """

  part: Part
  seconds: float
  tokens: int
  step_seconds: float
  step_tokens: int


def _sample(
  plan: Plan, job: Worker, part: Part, number: int, scratch: str
) -> _Sample:
  begun = _Begun(job)
  start = time.process_time()
  materialise.process_item(scratch, plan, begun, WorkItem(number, (part,)))
  seconds = time.process_time() - start
  marks = begun.marks or [(start, 0)]  # a task may fail, and is then left out
  (first, before), (last, after) = marks[0], marks[-1]
  return _Sample(part, seconds, after, last - first, after - before)


class _Begun:
  """A job whose parts end when they have had their share of the sample.

  Attributes:
    marks: CPU time and tokens at the end of each block.
  """

  def __init__(self, job: Worker):
    self._job = job
    self.marks: list[tuple[float, int]] = []

  def results(
    self, part: Part, counts: Counts
  ) -> Iterator[Batch | list[Reject] | Progress]:
    end = time.process_time() + _SECONDS / _PARTS
    for result in self._job.results(part, counts):
      yield result
      if isinstance(result, Progress):
        now = time.process_time()
        self.marks.append((now, _tokens(counts)))
        if now > end and len(self.marks) > 1:
          return


def _tokens(counts: Counts) -> int:
  """Tokens as plans estimate them: of text, or else of examples."""
  return counts['tokens/read'] or sum(
    n
    for own in counts.sums.values()
    for name, n in own.items()
    if name.endswith('_tokens')
  )


def _mix(plan: Plan, scratch: str) -> tuple[float, int]:
  """CPU seconds of a mix run, and what its largest task holds, in bytes."""
  job = MixWorker(plan)
  wanted = frozenset(range(len(plan.items)))
  sizes = [float(sum(r.shard.bytes for r in group)) for group in job.reads]
  read_seconds = read_bytes = write_seconds = written_bytes = 0.0
  for number, group in enumerate(_spread(job.reads, sizes)):
    start = time.process_time()
    # As they are when they have been shuffled.
    blocks = [
      pickle.loads(pickle.dumps(block))
      for _, block in job.blocks(group, wanted)
    ]
    read_seconds += time.process_time() - start
    read_bytes += sum(r.shard.bytes for r in group)
    start = time.process_time()
    frames = frames_of(blocks)[:_MIX_FRAMES]
    with files.whole_file(files.join(scratch, f'{number}'), scratch) as file:
      for made in shard_lib.encoded(frames, plan, 'train', 'sample', Counts()):
        file.write(b''.join(made))
    write_seconds += time.process_time() - start
    written_bytes += sum(map(len, frames))
    if read_seconds + write_seconds > _SECONDS:
      break
  shuffled = mix_plan.read_bytes(plan)
  seconds = read_seconds * sum(sizes) / max(read_bytes, 1)
  seconds += write_seconds * shuffled / max(written_bytes, 1)
  return seconds, _held(plan, job)


def _held(plan: Plan, job: MixWorker) -> int:
  """Bytes that the largest task of a mix run holds: to read, or to write.

  A reader has a shard, the records of it that are wanted, and those as blocks.
  A writer has the blocks of its shard, and the records of these twice.
  """
  sizes = [[r.shard.bytes for r in group] for group in job.reads]
  shuffled = mix_plan.read_bytes(plan)
  wanted = shuffled / max(1, sum(map(sum, sizes)))
  held = min(HELD_BYTES, wanted * max(map(sum, sizes)))
  reader = max(map(max, sizes)) + 2 * held
  share = max(item.size for item in plan.items) / max(plan.estimate['bytes'], 1)
  return round(max(reader, 3 * share * shuffled))
