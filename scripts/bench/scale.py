"""Measures what is not divided among workers: plan, finish, verify, list.

    make bench

Everything lies in a bucket that is simulated in memory and takes 50 ms for each
call. So a terabyte costs nothing: sources have their sizes and, wherever they
are read, the same text; shards are a few bytes. The code that plans, finishes
and verifies is a run's own. `CPU_SECONDS` tells what the work would take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
import contextlib
import os
from pathlib import Path
import sys
import tempfile
import time
from typing import Any
from unittest import mock

import bench.corpus
import orjson
from support.buckets.fake_bucket import FakeClient
from support.tiny_plans import report_of

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.launch import finish, resume
from ul2_flan.pipelines.run import Budget, Plan, reports
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks import buckets
from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.buckets.bucket import Bucket

CPU_SECONDS = 29  # of a run, for each gigabyte: see docs/performance.md
DELAY = 0.05  # seconds that a call takes
IN, OUT = 'gs://simulated/in', 'gs://simulated/out'

# Runs: what they read, files and bytes in each.
RUNS = (
  ('1 GB', 10, 100 << 20),
  ('100 GB', 1_000, 100 << 20),
  ('1 TB', 10_000, 100 << 20),
)


class Simulated(FakeClient):
  """A bucket of some source files, and of all that is written.

  Each of its calls takes a while.
  """

  def __init__(self, text: bytes, count: int, size: int, delay: float = DELAY):
    super().__init__()
    self._period = len(text)
    # Wherever a read begins, there is as much as it takes.
    self._text = text * (2 + client.PART_BYTES // len(text))
    self._sources = [f'{IN}/{i:07}.jsonl' for i in range(count)]
    self._names = set(self._sources)
    self._size = size
    self.delay = delay

  def call(self, name: str) -> None:
    super().call(name)
    time.sleep(self.delay)

  def size(self, path: str) -> int:
    if path in self._names:
      self.call('size')
      return self._size
    return super().size(path)

  def version(self, path: str) -> str:
    if path in self._names:
      self.call('version')
      return '1'
    return super().version(path)

  def read(self, path: str, start: int, end: int) -> bytes:
    if path in self._names:
      self.call('read')
      at = start % self._period
      return self._text[at : at + end - start]
    return super().read(path, start, end)

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    if not prefix.startswith(IN):
      return super().page(prefix, token)
    self.call('page')
    start = int(token or 0)
    found = self._sources[start : start + client.PAGE]
    more = start + client.PAGE < len(self._sources)
    return (
      [(path, self._size) for path in found],
      str(start + client.PAGE) if more else None,
    )


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    corpus, vocabulary = bench.corpus.find(folder)
    texts = bench.corpus.texts(corpus)[:2000]
    text = b''.join(
      orjson.dumps({'id': str(i), 'text': text}) + b'\n'
      for i, text in enumerate(texts)
    )
    _runs(text, vocabulary)
    _many_files(text, vocabulary, folder)
  return 0


def _runs(text: bytes, vocabulary: str) -> None:
  """Prints the seconds of what one process does in runs of several sizes."""
  lines = []
  for title, count, size in RUNS:
    bucket = Simulated(text, count, size)
    with _in(bucket):
      planned, plan = _timed(lambda: _plan([f'{IN}/*.jsonl'], vocabulary))
      bucket.delay = 0
      _do_items(plan, bucket)
      bucket.delay = DELAY
      finished, _ = _timed(lambda p=plan: finish.finish(OUT, p, Budget()))
      verified, found = _timed(lambda: verify.verify(OUT, quick=True))
    assert not found.problems, found.problems[:5]
    work = CPU_SECONDS * count * size / 1e9
    lines.append(
      [
        f'{title} in {count:,} files',
        f'{len(plan.items):,}',
        *(f'{seconds:.1f}' for seconds in (planned, finished, verified)),
        f'{(planned + finished) / work:.2%}',
      ]
    )
  header = ['a run', 'items', 's to plan', 's to finish', 's to verify --quick']
  print(table([*header, 'plan and finish ÷ CPU s of the work'], lines), '\n')


def _many_files(text: bytes, vocabulary: str, folder: Path) -> None:
  """Prints how long it takes to plan runs of many files."""
  lines = []
  for count in (10_000, 1_000_000):
    with _in(Simulated(text, count, 1 << 20)) as bucket:
      seconds, _ = _timed(lambda: _plan([f'{IN}/*.jsonl'], vocabulary))
    lines.append(
      [f'{count:,} in a bucket', f'{seconds:.1f}', len(bucket.calls)]
    )
  (folder / 'many').mkdir()
  first = folder / 'many' / 'first.jsonl'
  first.write_bytes(text[: 1 + text.index(b'\n')])
  for i in range(10_000 - 1):
    os.link(first, folder / 'many' / f'{i}.jsonl')
  seconds, _ = _timed(lambda: _plan([str(folder / 'many')], vocabulary))
  lines.append(['10,000 on the disk', f'{seconds:.1f}', ''])
  print(table(['files', 's to plan', 'calls'], lines), '\n')


def _plan(inputs: Sequence[str], vocabulary: str) -> Plan:
  config = ul2.Config(
    inputs=inputs, vocabulary=vocabulary, preset='ul2r', id_field='id'
  )
  return ul2.plan(config, output=OUT).plan


def _do_items(plan: Plan, bucket: Simulated) -> None:
  """Leaves what workers leave, with shards of a few bytes."""
  resume.begin(OUT, plan)
  for item in plan.items:
    report = report_of(plan, item.index)
    report.counts.add('tokens/used', 1)
    report.counts.add('tokens/read', 1)
    for data_set in plan.data_sets[:1]:
      report.counts.add(f'{data_set}/data/train/all/source_tokens', 1)
    for shard in report.shards:
      bucket.objects[f'{OUT}/{shard.path}'] = bytes(shard.bytes)
    reports.write(report, OUT)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
  start = time.perf_counter()
  made = work()
  return time.perf_counter() - start, made


@contextlib.contextmanager
def _in(bucket: Simulated) -> Iterator[Simulated]:
  """Puts a simulated bucket in the place of Google's."""
  known = Bucket(bucket)
  with mock.patch.object(buckets, 'bucket_of', return_value=known):
    yield bucket


if __name__ == '__main__':
  sys.exit(main())
