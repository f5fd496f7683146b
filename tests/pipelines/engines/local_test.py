"""The local runner: workers die, tasks fail, runs are stopped."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import apache_beam as beam
import pytest
from support.corpora import SMALL, documents, shards_of, write
from support.local_tasks import (
  always_die,
  die_once,
  fail_some,
  numbers,
  save,
  spread,
  take_memory,
)
from support.plans import plan_of

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.local import pool as pool_lib
from ul2_flan.pipelines.launch import resume
from ul2_flan.tasks.errors import UserError

FLAGS = ['--min_shards=8']


def run(runner: beam.runners.PipelineRunner, function, *args, count=6) -> None:
  pipeline = beam.Pipeline(runner=runner)
  _ = (
    pipeline
    | beam.Impulse()
    | 'List' >> beam.FlatMap(numbers, count)
    | 'Group' >> beam.GroupByKey()
    | 'Do' >> beam.FlatMap(function, *args)
  )
  pipeline.run().wait_until_finish()


@pytest.mark.parametrize('size', [0, 100_000])
@pytest.mark.parametrize('workers', [1, 2])
def test_groups_are_whole_and_in_order(tmp_path, workers: int, size: int):
  runner = local.LocalRunner(workers, scratch=str(tmp_path))
  pipeline = beam.Pipeline(runner=runner)
  _ = (
    pipeline
    | beam.Impulse()
    | 'List' >> beam.FlatMap(numbers, 7)
    | 'Group' >> beam.GroupByKey()
    | 'Spread' >> beam.FlatMap(spread, size)
    | 'Again' >> beam.GroupByKey()
    | 'Save' >> beam.Map(save, str(tmp_path))
  )
  pipeline.run().wait_until_finish()
  found = {p.name: p.read_text() for p in tmp_path.iterdir()}
  groups = {0: [0, 3, 6], 1: [1, 4], 2: [2, 5], 3: [0, 1, 2, 3, 4, 5, 6]}
  assert found == {
    f'group-{key}': f'{group} {{{size}}}\n' for key, group in groups.items()
  }


def test_the_task_of_a_killed_worker_is_done_by_another(tmp_path):
  run(local.LocalRunner(2), die_once, str(tmp_path))
  assert (tmp_path / '2').exists()


def test_a_task_that_always_kills_its_worker_is_named(monkeypatch):
  monkeypatch.setattr(pool_lib, '_DELAY', 0)
  with pytest.raises(local.WorkFailedError, match=r'signal 9, 3 times') as e:
    run(local.LocalRunner(2), always_die)
  assert [f.key for f in e.value.failures] == [2]


def test_a_task_that_takes_too_much_memory_fails_alone():
  runner = local.LocalRunner(2, memory_bytes=1_000_000_000)
  with pytest.raises(local.WorkFailedError, match=r'share of 500 MB') as e:
    run(runner, take_memory)
  assert [f.key for f in e.value.failures] == [1]


def test_a_single_worker_has_a_bound_too():
  runner = local.LocalRunner(1, memory_bytes=500_000_000)
  with pytest.raises(local.WorkFailedError, match=r'share of 500 MB') as e:
    run(runner, take_memory)
  assert [f.key for f in e.value.failures] == [1]


def test_a_bound_below_what_idle_workers_take_is_refused(
  tmp_path, vocabulary_path
):
  corpus = tmp_path / 'text'
  write(corpus / 'a.jsonl', documents(40))
  arguments = flags(corpus, vocabulary_path, tmp_path / 'out')
  more = ['--local_workers=2', '--local_memory_mb=100']
  with pytest.raises(UserError, match=r'100: 2 workers take at least \d+\.'):
    ul2.main([*arguments, *more])


@pytest.mark.parametrize('workers', [1, 2])
def test_what_fails_is_named_and_the_rest_is_done(tmp_path, workers: int):
  with pytest.raises(local.WorkFailedError, match='ValueError: no 1') as e:
    run(local.LocalRunner(workers), fail_some, str(tmp_path))
  assert [f.key for f in e.value.failures] == [1, 4]
  assert all('fail_some' in f.trace for f in e.value.failures)
  assert {p.name for p in tmp_path.iterdir()} == {'0', '2', '3', '5'}


def test_a_pipeline_that_is_no_chain_is_refused():
  pipeline = beam.Pipeline(runner=local.LocalRunner(1))
  start = pipeline | beam.Impulse()
  _ = start | 'One' >> beam.Map(print)
  _ = start | 'Two' >> beam.Map(print)
  with pytest.raises(ValueError, match='chains alone'):
    pipeline.run()


def flags(corpus: Path, vocabulary: str, output: Path) -> list[str]:
  return [
    *('--input', str(corpus), '--vocabulary', vocabulary),
    *('--output', str(output), *SMALL, *FLAGS),
  ]


def test_a_work_item_that_fails_is_named_by_its_file(
  tmp_path, vocabulary_path, capsys
):
  corpus = tmp_path / 'text'
  for i in range(4):
    write(corpus / f'{i}.jsonl', documents(40))
  arguments = flags(corpus, vocabulary_path, tmp_path / 'out')
  assert ul2.main(flags(corpus, vocabulary_path, tmp_path / 'whole')) == 0
  plan = [*arguments, '--local_workers=2']
  # A folder in the place of a shard: it cannot be given its name.
  there = sorted(shards_of(tmp_path / 'whole'))
  blocked = tmp_path / 'out' / next(p for p in there if 'train' in p)
  (tmp_path / 'out' / '_progress').mkdir(parents=True)
  made = plan_of('ul2', arguments)
  resume.begin(str(tmp_path / 'out'), made)
  (blocked / 'in the way').mkdir(parents=True)
  assert ul2.main(plan) == 1
  said = capsys.readouterr().err
  assert f'error: work item 0 ({corpus}/0.jsonl): ' in said
  reports = list((tmp_path / 'out' / '_progress').glob('item-*.json'))
  assert len(reports) == len(made.items) - 1
  (blocked / 'in the way').rmdir()
  blocked.rmdir()
  assert ul2.main(plan) == 0
  assert shards_of(tmp_path / 'out') == shards_of(tmp_path / 'whole')


@pytest.fixture
def begun(tmp_path, vocabulary_path):
  """A run with two workers, in a session of its own, with an item done."""
  corpus = tmp_path / 'text'
  for i in range(8):
    write(corpus / f'{i}.jsonl', documents(40) * 150)
  out = tmp_path / 'out'
  arguments = [*flags(corpus, vocabulary_path, out), '--local_workers=2']
  launcher = subprocess.Popen(
    [sys.executable, '-m', 'ul2_flan.pipelines.ul2', *arguments],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE,
    text=True,
    start_new_session=True,
  )
  deadline = time.monotonic() + 60
  while not list((out / '_progress').glob('item-*.json')):
    assert launcher.poll() is None, 'it ended before it could be disturbed'
    assert time.monotonic() < deadline
    time.sleep(0.01)
  whole = tmp_path / 'whole'
  yield launcher, arguments, out, whole
  launcher.stderr.close()
  for pid in _processes_of(launcher.pid):
    os.kill(pid, signal.SIGKILL)
  launcher.wait()


def is_whole(out: Path, arguments: list[str], whole: Path) -> bool:
  """Whether the output is that of an undisturbed run."""
  again = [str(whole) if a == str(out) else a for a in arguments]
  assert ul2.main([*again, '--local_workers=1']) == 0
  return shards_of(out) == shards_of(whole)


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_leaves_no_process_and_goes_on(
  begun, how: signal.Signals
):
  launcher, arguments, out, whole = begun
  start = time.monotonic()
  launcher.send_signal(how)
  launcher.wait(timeout=10)
  if how != signal.SIGKILL:
    assert time.monotonic() - start < 2
    assert launcher.returncode == 130
    assert 'the same command goes on' in launcher.stderr.read()
  while _processes_of(launcher.pid):
    assert time.monotonic() - start < 10, 'processes are left'
    time.sleep(0.05)
  done = {p.name for p in (out / '_progress').glob('item-*.json')}
  assert done
  assert not (out / 'manifest.json').exists()
  assert ul2.main(arguments) == 0
  assert is_whole(out, arguments, whole)


def test_a_run_survives_all_its_workers(begun):
  launcher, arguments, out, whole = begun
  workers = [p for p in _processes_of(launcher.pid) if p != launcher.pid]
  # Forks of the launcher, and no server of forks, nor what tracks it.
  assert len(workers) == 2
  for worker in workers:
    os.kill(worker, signal.SIGKILL)
  assert launcher.wait(timeout=60) == 0
  assert is_whole(out, arguments, whole)


def _processes_of(session: int) -> list[int]:
  """Processes of a session, by Linux's table of them; zombies are gone."""
  found = []
  for path in Path('/proc').glob('[0-9]*/stat'):
    try:
      fields = path.read_text().rsplit(')', 1)[1].split()
    except OSError:
      continue
    if int(fields[3]) == session and fields[0] != 'Z':
      found.append(int(path.parent.name))
  return found
