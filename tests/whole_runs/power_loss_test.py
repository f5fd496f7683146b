"""After a loss of power, whatever is announced is there, and a run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import shutil

import google_crc32c
import numpy as np
import orjson
import pytest
from support.faults.lossy_disk import LossyDisk
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.launch import finish, resume
from ul2_flan.pipelines.launch.manifest.finished import is_complete
from ul2_flan.pipelines.launch.map_only import process_item
from ul2_flan.pipelines.run import Batch, Budget, Counts, Group, Part, Result
from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks import manifest as manifest_lib

PLAN = plan_of_sizes([10, 10], groups={'g': Group(('g:a',), 2, 2, 1)})
SEEDS = (-1, -2, 0, 1)


class FakeWorker:
  """Makes two examples of a part, one for each split, and a reject."""

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    yield Batch(
      [b'train %d' % part.index, b'validation %d' % part.index],
      np.arange(2, dtype=np.uint64),
      np.zeros(2, dtype=np.int64),
      np.array([False, True]),
    )
    yield [Reject('f', part.index, 'bad_json', '', b'{')]
    counts.add('documents/read', 3)
    counts.add('documents/used', 2)
    counts.add('documents/rejected/bad_json')
    counts.add('tokens/read', 2)
    counts.add('tokens/used', 2)
    for split in ('train', 'validation'):
      counts.add(f'g:a/data/{split}/all/source_tokens')
      counts.add(f'g:a/data/{split}/all/examples')


class Run:
  """A run that a watch can look at while it goes on.

  Attributes:
    reported: the work items whose reports have been written.
    complete: whether it has ended.
  """

  def __init__(self, output: Path):
    self.output = str(output)
    self.reported: set[str] = set()
    self.complete = False

  def to_end(self) -> None:
    if not is_complete(self.output, PLAN):
      resume.begin(self.output, PLAN)
      for item in PLAN.items:
        if resume.report_of(self.output, PLAN, item.index) is None:
          process_item(self.output, PLAN, FakeWorker(), item)
        self.reported.add(f'_progress/item-{item.index:06d}.json')
      self.reported.clear()  # the end of the run may delete them
      finish.finish(self.output, PLAN, Budget(1))
    resume.clean(self.output)
    self.complete = True


def broken_promises(left: dict[str, bytes], run: Run) -> Iterator[str]:
  """Says what files of an output announce that is not there."""
  files = {
    name.removeprefix('out/'): data
    for name, data in left.items()
    if name.startswith('out/')
  }
  for name in run.reported - files.keys():
    yield f'{name} was written, and is gone'
  for name, data in files.items():
    if name.startswith('_progress/item-'):
      if not data:
        yield f'{name} is empty'
        continue
      report = orjson.loads(data)
      # The first of the end's deletions is that of the plan.
      if '_progress/plan.json' not in files:
        continue
      yield from bad_shards(files, report['shards'])
      quarantine = f'quarantine/item-{report["item"]:06d}.jsonl'
      if not files.get(quarantine):
        yield f'{quarantine} is gone'
  completed = 'g/a/COMPLETED' in files
  if run.complete and not completed:
    yield 'the run had ended, and its end is gone'
  if completed:
    for name in (
      'manifest.json',
      'summary.txt',
      'README.md',
      'croissant.json',
      *(
        f'g/a/{kind}.{split}.json'
        for kind in ('info', 'stats')
        for split in ('train', 'validation')
      ),
    ):
      if not files.get(name):
        yield f'{name} is gone'
        return
    made = manifest_lib.parse(files['manifest.json'], '')
    for split in made.data_sets['g:a'].values():
      shards = [
        {'path': s.path, 'bytes': s.bytes, 'crc32c': s.crc32c}
        for s in split.shards
      ]
      yield from bad_shards(files, shards)
  elif any(n.startswith('g/') for n in files) and not files.get(
    '_progress/plan.json'
  ):
    yield 'there are shards, and no plan'


def bad_shards(files: dict[str, bytes], shards: list[dict]) -> Iterator[str]:
  for shard in shards:
    data = files.get(shard['path'])
    # Parts of validation shards go with the progress of a finished run.
    is_part = shard['path'].startswith('_progress/')
    if data is None and is_part and 'g/a/COMPLETED' in files:
      continue
    if data is None or f'{google_crc32c.value(data):08x}' != shard['crc32c']:
      yield f'{shard["path"]} is not what was announced'


def look_on(
  root: Path, ignored: int | str | None = None
) -> tuple[list[str], list[str], list[dict[str, bytes]]]:
  """Runs to the end; at each step, looks at what a loss of power would leave.

  Returns:
    broken promises, what was flushed, and what was left at each step.
  """
  root.mkdir()
  run = Run(root / 'out')
  broken: list[str] = []
  states: list[dict[str, bytes]] = []

  def watch() -> None:
    for seed in SEEDS:
      left = disk.left(seed)
      broken.extend(broken_promises(left, run))
      if left not in states[-len(SEEDS) :]:
        states.append(left)

  with pytest.MonkeyPatch.context() as patch:
    disk = LossyDisk(root, patch, ignored=ignored, watch=watch)
    run.to_end()
    watch()
  disk.close()
  return broken, disk.flushed, states


def tree(folder: Path) -> dict[str, bytes]:
  return {
    str(p.relative_to(folder)): p.read_bytes()
    for p in folder.rglob('*')
    if p.is_file()
  }


def test_what_is_announced_is_there_and_the_run_goes_on(tmp_path: Path):
  root = tmp_path / 'root'
  broken, _, states = look_on(root)
  assert not broken
  expected = tree(root / 'out')
  assert len(states) > 40
  # Each of these takes a run; a few are enough, of every stage of it.
  for state in states[::12]:
    shutil.rmtree(root)
    for name, data in state.items():
      path = root / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_bytes(data)
    Run(root / 'out').to_end()
    assert tree(root / 'out') == expected, state.keys()


def test_each_flush_is_needed(tmp_path: Path):
  _, flushed, _ = look_on(tmp_path / 'all')
  files = [number for number, path in enumerate(flushed) if not path]
  folders = {path for path in flushed if path}
  assert len(files) > 10
  assert len(folders) > 5
  for number, ignored in enumerate([*files, *sorted(folders)]):
    root = tmp_path / f'{number}'
    if isinstance(ignored, str):
      ignored = str(root) + ignored.removeprefix(str(tmp_path / 'all'))
    broken, _, _ = look_on(root, ignored)
    assert broken, ignored
