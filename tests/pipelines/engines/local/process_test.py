"""A worker process makes the calls it is sent, and ends with its launcher."""

import multiprocessing
import threading

import pytest
from support.local_calls import Calling, fail_some, spread

from ul2_flan.pipelines.engines.local import process
from ul2_flan.pipelines.engines.local.stage import (
  Call,
  Failure,
  Stage,
  StageWorker,
)


def stage_of(function, *args) -> Stage:
  steps = [('Do', Calling(function, *args))]
  return Stage.of(steps, groups=True, is_first=False)


def test_a_call_gives_what_it_emits_or_its_failure(tmp_path):
  stage = stage_of(fail_some, str(tmp_path))
  worker = StageWorker(stage)
  good, bad = (Call(i, i, (), str(tmp_path / 'spill')) for i in (0, 1))
  assert isinstance(process.result_of(worker, stage, good), list)
  failure = process.result_of(worker, stage, bad)
  assert isinstance(failure, Failure)
  assert (failure.stage, failure.call, failure.key) == ('Do', 1, 1)
  assert failure.error == 'ValueError: no 1'


@pytest.fixture
def worker():
  """A process, and the pipe that a launcher holds open while it lives."""
  alive, life = multiprocessing.Pipe(duplex=False)
  worker = process.Process(alive, [life], {})
  yield worker, life
  worker.process.kill()
  worker.process.join()
  for pipe in (worker.pipe, alive, life):
    pipe.close()


def test_a_worker_makes_calls_of_several_stages(worker, tmp_path):
  started, _ = worker
  for size in (3, 5):
    stage = stage_of(spread, size)
    call = Call(0, 7, (), str(tmp_path / 'spill'))
    started.begin(stage, call, 0.0)
    assert started.call == call
    assert started.pipe.poll(60)
    (key, value), _ = started.pipe.recv()
    here, _ = StageWorker(stage).do(call)
    assert (key, value) == here


def test_a_worker_ends_when_its_launcher_is_gone(worker):
  started, life = worker
  life.close()
  started.process.join(60)
  assert started.process.exitcode == 1


def test_only_a_command_with_one_thread_may_fork(monkeypatch):
  monkeypatch.setattr(process, '_is_ours', False)
  assert not process.may_fork()
  process.own_process()
  stop = threading.Event()
  thread = threading.Thread(target=stop.wait)
  thread.start()
  try:
    assert not process.may_fork()
  finally:
    stop.set()
    thread.join()
