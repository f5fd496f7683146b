"""Workers die, and take too much memory; the other calls are made."""

import pytest
from support.local_calls import always_die, die_once, run, take_memory

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
