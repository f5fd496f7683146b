"""Workers die, or take too much memory; other calls go on."""

from pathlib import Path

import pytest
from support.local_calls import (
  always_die,
  bucket_fails,
  die_once,
  fail_always,
  fill_disk,
  run,
  take_memory,
)

from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.local import pool as pool_lib


def test_another_worker_makes_the_call_of_a_killed_one(tmp_path):
  run(local.LocalRunner(2), die_once, str(tmp_path))
  assert (tmp_path / '2').exists()


def test_a_call_that_always_kills_its_worker_is_named(monkeypatch):
  monkeypatch.setattr(pool_lib, '_DELAY', 0)
  with pytest.raises(local.WorkFailedError, match=r'signal 9, 3 times') as e:
    run(local.LocalRunner(2), always_die)
  assert [f.key for f in e.value.failures] == [2]


def test_a_call_that_takes_too_much_memory_fails_alone():
  runner = local.LocalRunner(2, memory_bytes=1_000_000_000)
  with pytest.raises(local.WorkFailedError, match=r'share of 500 MB') as e:
    run(runner, take_memory)
  assert [f.key for f in e.value.failures] == [1]


def test_a_single_worker_has_a_bound_too():
  runner = local.LocalRunner(1, memory_bytes=500_000_000)
  with pytest.raises(local.WorkFailedError, match=r'share of 500 MB') as e:
    run(runner, take_memory)
  assert [f.key for f in e.value.failures] == [1]


@pytest.fixture
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
  monkeypatch.setattr(pool_lib, '_DELAY', 0)


@pytest.mark.parametrize('workers', [1, 2])
@pytest.mark.usefixtures('no_delay')
def test_a_call_that_a_bucket_failed_is_tried_three_times(
  tmp_path: Path, workers: int
):
  runner = local.LocalRunner(workers)
  for times in (2, 3):
    folder = tmp_path / f'{times}'
    folder.mkdir()
    if times == 2:
      run(runner, bucket_fails, str(folder), times, count=3)
    else:
      with pytest.raises(local.WorkFailedError, match='503') as e:
        run(runner, bucket_fails, str(folder), times, count=3)
      assert [f.key for f in e.value.failures] == [0, 1, 2]
    assert {path.read_text() for path in folder.iterdir()} == {'xxx'}


@pytest.mark.parametrize('workers', [1, 2])
def test_a_full_disk_ends_the_stage(tmp_path: Path, workers: int):
  with pytest.raises(local.WorkFailedError, match='No space left') as e:
    run(local.LocalRunner(workers), fill_disk, str(tmp_path), count=50)
  assert len(e.value.failures) == 1
  assert len(list(tmp_path.iterdir())) <= 2 * workers


@pytest.mark.parametrize('workers', [1, 2])
def test_many_failures_end_the_stage(tmp_path: Path, workers: int):
  with pytest.raises(local.WorkFailedError) as e:
    run(local.LocalRunner(workers), fail_always, str(tmp_path), count=50)
  assert len(e.value.failures) == pool_lib._MAX_FAILURES == 20
  assert len(list(tmp_path.iterdir())) < 25
