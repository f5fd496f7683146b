"""A run goes on where it stopped, and never on another run's work."""

from collections.abc import Iterable
from pathlib import Path
import subprocess
import sys
import time

import apache_beam as beam
import pytest
from support.corpora import tree
from support.plans import plan_of

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.launch import map_only, overwrite, resume
from ul2_flan.pipelines.launch.map_only import ProcessItem, chain_of
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.run import Budget, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import manifest
from ul2_flan.tasks.errors import UserError

# A run of which each work item takes a while.
SLOW = """
import sys, time
from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.launch import map_only

process_item = map_only.process_item

def slowly(*args):
  time.sleep(0.3)
  return process_item(*args)

map_only.process_item = slowly
ul2.main(sys.argv[1:])
"""


def kill_after_two_items(flags: list[str], output: Path) -> None:
  """Starts a run, and kills it when two of its work items are done."""
  process = subprocess.Popen(
    [sys.executable, '-c', SLOW, *flags],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
  )
  deadline = time.monotonic() + 60
  while len([*(output / paths.PROGRESS_FOLDER).glob('item-*.json')]) < 2:
    assert process.poll() is None, 'it ended before it could be killed'
    assert time.monotonic() < deadline
    time.sleep(0.02)
  process.kill()
  process.wait()


def times(files: Iterable[Path]) -> dict[Path, int]:
  """When each file was last written."""
  return {path: path.stat().st_mtime_ns for path in files}


def test_a_killed_run_goes_on_where_it_stopped(flags, tmp_path):
  assert ul2.main(flags('whole')) == 0
  cut = tmp_path / 'cut'
  kill_after_two_items(flags('cut', '--local_workers=1'), cut)
  assert not list(cut.rglob('COMPLETED'))
  assert not (cut / 'manifest.json').exists()

  plan = plan_lib.load(paths.plan_path(str(cut)))
  done = [reports.read(str(cut), item.index) for item in plan.items]
  shards = [cut / s.path for report in done if report for s in report.shards]
  # Validation shards are put together when all is done.
  before = times(path for path in shards if '/train.' in path.as_posix())
  assert before
  assert None in done
  assert ul2.main(flags('cut')) == 0
  assert times(before) == before
  assert tree(cut) == tree(tmp_path / 'whole')


def test_a_finished_run_has_nothing_to_do(flags, tmp_path, capsys):
  assert ul2.main(flags()) == 0
  before = times((tmp_path / 'out').rglob('*'))
  assert ul2.main(flags()) == 0
  assert 'nothing to do' in capsys.readouterr().out
  assert times((tmp_path / 'out').rglob('*')) == before


def test_an_engine_may_begin_a_finished_run_again(flags, tmp_path):
  """As Flink does when it loses a worker after the last stage."""
  output = tmp_path / 'out'
  assert ul2.main(flags()) == 0
  before = tree(output)
  made = manifest.parse((output / manifest.FILE_NAME).read_bytes(), '')
  run = RunRef(str(output), made.run['plan'], {})
  step = OnBeam(chain_of(run, Budget(0.01), ProcessItem(run)))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | step
  # Flink may also lose it just after the list of work items.
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
  map_only.process_item(output, plan, Ul2Worker(plan), plan.items[0])
  with pytest.raises(UserError, match='seed: 0 -> 1'):
    ul2.main(flags('out', '--seed', '1'))
  assert ul2.main(flags('out')) == 0


def test_nothing_is_left_of_a_run_that_is_deleted(flags, tmp_path):
  assert ul2.main(flags()) == 0
  plan = plan_of('ul2', flags())
  assert len(tree(tmp_path / 'out')) > 8
  overwrite.delete_run(str(tmp_path / 'out'), plan)
  assert not tree(tmp_path / 'out')


def test_files_without_a_plan_are_not_built_upon(flags, tmp_path):
  stray = tmp_path / 'out' / 'ul2' / 'train.tfrecord-00000-of-00002'
  stray.parent.mkdir(parents=True)
  stray.write_bytes(b'')
  with pytest.raises(UserError, match='no plan'):
    ul2.main(flags())
  with pytest.raises(UserError, match='no manifest or plan there lists it'):
    ul2.main(flags('out', '--overwrite'))
  assert stray.exists()


def test_a_plan_alone_writes_nothing(flags, tmp_path, capsys):
  assert ul2.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert not (tmp_path / 'out').exists()
  for word in ('work items', 'tokens, about', 'shards', 'disk, about'):
    assert word in out
