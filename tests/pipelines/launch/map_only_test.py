"""A work item leaves its shards, its rejects and, last of all, its report."""

from collections.abc import Iterator
import json
from pathlib import Path

import numpy as np
import pytest
from support.corpora import tree
from support.outputs import read_shard, there
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.launch.map_only import process_item
from ul2_flan.pipelines.run import (
  Batch,
  Counts,
  Part,
  Progress,
  Result,
  paths,
  reports,
)
from ul2_flan.pipelines.sources import Reject

PLAN = plan_of_sizes([10, 10])
ITEM = PLAN.items[1]


def batch(count: int, data_set: int, held_out: bool) -> Batch:
  return Batch(
    [b'%d %d %d' % (i, data_set, held_out) for i in range(count)],
    np.arange(count, dtype=np.uint64),
    np.full(count, data_set),
    np.full(count, held_out),
  )


class FakeWorker:
  """Yields what it is told to."""

  def __init__(self, *results: Result | Exception):
    self.made = results

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    for result in self.made:
      if isinstance(result, Exception):
        raise result
      counts.add('documents/read')
      yield result


def test_an_item_writes_all_that_its_worker_yields(tmp_path: Path):
  worker = FakeWorker(
    batch(2, 0, held_out=False),
    [Reject('f1', 3, 'bad_json', '', b'{')],
    batch(1, 1, held_out=True),
    Progress(5),
    batch(1, 0, held_out=False),
  )
  report = process_item(str(tmp_path), PLAN, worker, ITEM)
  assert reports.read(str(tmp_path), 1) == report
  assert report.counts.sums == {'documents': {'read': 5}}
  written = {(s.data_set, s.split): s for s in report.shards}
  assert {k: s.records for k, s in written.items()} == {
    ('g:a', 'train'): 3,
    ('g:b', 'train'): 0,
    ('g:b', 'validation'): 1,
  }
  shard = tmp_path / written['g:a', 'train'].path
  assert read_shard(shard) == [b'0 0 0', b'1 0 0', b'0 0 0']
  assert (tmp_path / 'quarantine/item-000001.jsonl').exists()
  assert not Path(paths.beat_path(str(tmp_path), 1)).exists()


def test_an_item_that_fails_leaves_nothing(tmp_path: Path):
  worker = FakeWorker(
    batch(2, 0, held_out=False),
    [Reject('f1', 3, 'bad_json', '', b'{')],
    OSError('cut'),
  )
  with pytest.raises(OSError, match='cut'):
    process_item(str(tmp_path), PLAN, worker, ITEM)
  assert there(tmp_path) == []


def test_an_item_may_be_repeated(tmp_path: Path):
  worker = FakeWorker(batch(2, 0, held_out=False))
  first = process_item(str(tmp_path), PLAN, worker, ITEM)
  before = tree(tmp_path)
  assert process_item(str(tmp_path), PLAN, worker, ITEM) == first
  assert tree(tmp_path) == before


def test_a_long_item_tells_how_far_it_is(tmp_path: Path, monkeypatch):
  clock = iter(range(0, 100, 10))
  monkeypatch.setattr(map_only.time, 'monotonic', lambda: next(clock))
  beats = []

  class Watching(FakeWorker):
    def results(self, part: Part, counts: Counts) -> Iterator[Result]:
      for size in (4, 9):
        yield Progress(size)
        beat = Path(paths.beat_path(str(tmp_path), 1))
        beats.append(json.loads(beat.read_bytes()))

  process_item(str(tmp_path), PLAN, Watching(), ITEM)
  assert beats == [{'bytes': 4}, {'bytes': 9}]


def test_a_bucket_is_told_seldom(tmp_path: Path, monkeypatch):
  now = [0.0]
  written = []
  monkeypatch.setattr(map_only.time, 'monotonic', lambda: now[0])
  monkeypatch.setattr(
    map_only.files, 'write_bytes', lambda *_, **more: written.append(now[0])
  )
  for output, seconds in ((str(tmp_path), 0.5), ('gs://bucket/out', 15.0)):
    now[0], written[:] = 0.0, []
    beat = map_only._Heartbeat(output, ITEM)
    for _ in range(240):  # a minute
      now[0] += 0.25
      beat.tell(1)
    assert len(written) == 60 / seconds
