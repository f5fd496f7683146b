"""The promises of a run: the same bytes, resumed work, nothing half-written."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import apache_beam as beam
import pytest
from support.graphs import pipeline_of
from support.plans import plan_of

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.launch import map_only, resume
from ul2_flan.pipelines.launch.map_only import MapOnly, ProcessItem
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.run import paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import manifest
from ul2_flan.tasks.errors import UserError

WORDS = ('seven', 'denoisers', 'corrupt', 'what', 'one', 'model', 'restores')


@pytest.fixture(scope='module')
def corpus(tmp_path_factory) -> Path:
  """Three files of JSON lines, of documents that all differ."""
  folder = tmp_path_factory.mktemp('corpus')
  for part in range(3):
    lines = []
    for i in range(60):
      text = ' '.join(
        f'{WORDS[(i * 5 + k) % 7]} {part * 60 + i + k}'
        for k in range(20 + 9 * i)
      )
      lines.append(json.dumps({'text': text}))
    (folder / f'part-{part}.jsonl').write_text('\n'.join(lines) + '\n')
  return folder


@pytest.fixture
def flags(corpus, vocabulary_path, tmp_path):
  def make(output: str = 'out', *more: str) -> list[str]:
    return [
      *('--input', str(corpus), '--vocabulary', str(vocabulary_path)),
      *('--output', str(tmp_path / output), '--preset', 'ul2'),
      *('--validation_fraction', '0.1', '--min_shards', '6', *more),
    ]

  return make


def tree(folder: Path) -> dict[str, bytes]:
  return {
    str(p.relative_to(folder)): p.read_bytes()
    for p in sorted(folder.rglob('*'))
    if p.is_file()
  }


def test_the_same_bytes_on_any_runner(flags, tmp_path):
  assert ul2.main(flags('one')) == 0
  beams = ['--runner=FnApiRunner']
  assert ul2.main(flags('beam', *beams)) == 0
  beams += ['--direct_running_mode', 'multi_threading']
  beams += ['--direct_num_workers', '3']
  assert ul2.main(flags('threads', *beams)) == 0
  assert ul2.main(flags('two', '--local_workers=2')) == 0
  first = tree(tmp_path / 'one')
  assert len(first) > 8
  for other in ('beam', 'threads', 'two'):
    assert tree(tmp_path / other) == first


def in_process(plan, output: str, order, block_bytes: int = 4 << 20) -> None:
  """Does a plan without an engine, in any order."""
  job = Ul2Worker(plan)
  job.source_options = type(job.source_options)(
    **plan.config['source_options'], block_bytes=block_bytes
  )
  for index in order:
    map_only.process_item(output, plan, job, plan.items[index])


@pytest.mark.parametrize('block_bytes', [1, 1000, 100_000])
def test_the_same_bytes_for_any_block_size_and_order(
  flags, tmp_path, block_bytes
):
  plan = plan_of('ul2', flags())
  assert len(plan.items) >= 6
  a, b = tmp_path / 'a', tmp_path / 'b'
  in_process(plan, str(a), range(len(plan.items)))
  in_process(plan, str(b), reversed(range(len(plan.items))), block_bytes)
  assert tree(a) == tree(b)


def test_examples_do_not_depend_on_how_work_is_divided(flags, tmp_path):
  def examples(output: str, *more: str) -> list[bytes]:
    from ul2_flan.tasks import records

    assert ul2.main(flags(output, *more)) == 0
    found = []
    for path in sorted((tmp_path / output).rglob('*.tfrecord-*')):
      with path.open('rb') as file:
        found += records.read_records(file, str(path))
    return sorted(found)

  few = examples('few', '--min_shards', '1')
  assert examples('many', '--min_shards', '40') == few
  assert examples('split', '--per_denoiser') == few


def test_a_killed_run_goes_on_where_it_stopped(flags, tmp_path):
  assert ul2.main(flags('whole')) == 0
  script = (
    'import sys, time\n'
    'from ul2_flan.pipelines import ul2\n'
    'from ul2_flan.pipelines.launch import map_only\n'
    'do = map_only.process_item\n'
    'def slow(*args):\n'
    '  time.sleep(0.3)\n'
    '  return do(*args)\n'
    'map_only.process_item = slow\n'
    'ul2.main(sys.argv[1:])\n'
  )
  process = subprocess.Popen(
    [sys.executable, '-c', script, *flags('cut', '--local_workers=1')],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
  )
  progress = tmp_path / 'cut' / paths.PROGRESS_FOLDER
  deadline = time.monotonic() + 60
  while len(list(progress.glob('item-*.json'))) < 2:
    assert process.poll() is None, 'it ended before it could be killed'
    assert time.monotonic() < deadline
    time.sleep(0.02)
  os.kill(process.pid, signal.SIGKILL)
  process.wait()
  cut = tmp_path / 'cut'
  assert not list(cut.rglob('COMPLETED'))
  assert not (cut / 'manifest.json').exists()
  done = {p: p.stat().st_mtime_ns for p in progress.glob('item-*.json')}
  shards = [p for p in cut.rglob('*.tfrecord-*') if p.parent != progress]
  before = {p: p.stat().st_mtime_ns for p in shards}
  redone = []
  plan = plan_lib.load(paths.plan_path(str(cut)))
  for item in plan.items:
    report = reports.read(str(cut), item.index)
    if report is None:
      redone.append(item.index)
    else:
      assert {cut / s.path for s in report.shards if s.split == 'train'} <= set(
        before
      )
  assert 0 < len(redone) < len(plan.items) == len(done) + len(redone)
  assert ul2.main(flags('cut')) == 0
  kept = [
    p
    for item in plan.items
    if item.index not in redone
    for p in before
    if f'train.tfrecord-{item.parts[0].first_shard:05d}' in p.name
  ]
  assert kept
  assert all(p.stat().st_mtime_ns == before[p] for p in kept)
  assert tree(cut) == tree(tmp_path / 'whole')


def test_a_finished_run_has_nothing_to_do(flags, tmp_path, capsys):
  assert ul2.main(flags()) == 0
  before = {p: p.stat().st_mtime_ns for p in (tmp_path / 'out').rglob('*')}
  assert ul2.main(flags()) == 0
  assert 'nothing to do' in capsys.readouterr().out
  assert {
    p: p.stat().st_mtime_ns for p in (tmp_path / 'out').rglob('*')
  } == before


def test_an_engine_may_begin_a_finished_run_again(flags, tmp_path):
  """As Flink does, where a worker is lost after the last stage."""
  output = tmp_path / 'out'
  assert ul2.main(flags()) == 0
  before = tree(output)
  made = manifest.parse((output / manifest.FILE_NAME).read_bytes(), '')
  run = RunRef(str(output), made.run['plan'], {})
  step = MapOnly(run, Budget(0.01))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | step
  # And where it is lost after the list of work items.
  assert not [*ProcessItem(run).process((0, [None]))]
  assert tree(output) == before


def test_a_changed_configuration_is_refused(flags, tmp_path, corpus):
  assert ul2.main(flags()) == 0
  with pytest.raises(UserError, match=r'seed: 0 -> 7') as e:
    ul2.main(flags('out', '--seed', '7'))
  assert '--overwrite' in str(e.value)
  assert ul2.main(flags('out', '--seed', '7', '--overwrite')) == 0
  assert verify.main([str(tmp_path / 'out')]) == 0
  extra = corpus / 'part-9.jsonl'
  extra.write_text('{"text": "one more line of text for the corpus"}\n')
  try:
    with pytest.raises(UserError, match=r'part-9.*null -> \d\d'):
      ul2.main(flags('out', '--seed', '7'))
  finally:
    extra.unlink()


def test_a_change_is_refused_before_the_run_is_finished(flags, tmp_path):
  plan = plan_of('ul2', flags())
  output = str(tmp_path / 'out')
  resume.begin(output, plan)
  in_process(plan, output, [0])
  with pytest.raises(UserError, match='seed: 0 -> 1'):
    ul2.main(flags('out', '--seed', '1'))
  assert ul2.main(flags('out')) == 0


def test_nothing_is_left_of_a_run_that_is_deleted(flags, tmp_path):
  assert ul2.main(flags()) == 0
  plan = plan_of('ul2', flags())
  assert len(tree(tmp_path / 'out')) > 8
  resume.delete_run(str(tmp_path / 'out'), plan)
  assert not tree(tmp_path / 'out')


def test_the_same_files_may_be_given_in_other_ways(flags, tmp_path, corpus):
  assert ul2.main(flags()) == 0
  before = tree(tmp_path / 'out')
  patterns = flags()
  at = patterns.index('--input') + 1
  given = sorted(map(str, corpus.glob('*.jsonl')))
  assert patterns[at] not in given
  assert ul2.main([*patterns[:at], *given, *patterns[at + 1 :]]) == 0
  assert tree(tmp_path / 'out') == before


def test_files_without_a_plan_are_not_built_upon(flags, tmp_path):
  stray = tmp_path / 'out' / 'ul2' / 'train.tfrecord-00000-of-00002'
  stray.parent.mkdir(parents=True)
  stray.write_bytes(b'')
  with pytest.raises(UserError, match='no plan'):
    ul2.main(flags())
  assert ul2.main(flags('out', '--overwrite')) == 0
  assert not stray.exists()


def test_the_graph_does_not_grow(flags, tmp_path, corpus):
  def proto(count: int):
    folder = tmp_path / f'corpus-{count}'
    folder.mkdir()
    for i in range(count):
      (folder / f'{i:04d}.jsonl').write_text('{"text": "a line of text"}\n')
    args = flags(f'out-{count:04d}')
    args[1] = str(folder)
    plan = plan_of('ul2', args)
    assert len(plan.items) >= min(count, 6)
    output = str(tmp_path / f'out-{count:04d}')
    run = RunRef(output, plan.fingerprint, {})
    return pipeline_of(MapOnly(run, Budget(0.01))).to_runner_api()

  one, thousand = proto(1), proto(1000)
  assert len(one.components.transforms) == len(thousand.components.transforms)
  assert (
    abs(len(one.SerializeToString()) - len(thousand.SerializeToString())) < 64
  )


def test_a_plan_alone_writes_nothing(flags, tmp_path, capsys):
  assert ul2.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert not (tmp_path / 'out').exists()
  for word in ('work items', 'tokens, about', 'shards', 'disk, about'):
    assert word in out
