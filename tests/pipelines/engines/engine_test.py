"""An engine is who does the work; by default processes of this machine."""

import pytest
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.engines import Engine, local
from ul2_flan.tasks.errors import UserError


def plan(megabytes: float):
  return plan_of_sizes([1], estimate={'bytes': round(megabytes * 1e6)})


@pytest.mark.parametrize(
  ('fields', 'message'),
  [
    ({'local_workers': 0}, '--local_workers is 0: it must be at least 1'),
    ({'local_memory_mb': -1}, '--local_memory_mb is -1: .* at least 0'),
    ({'passes': 0}, '--passes is 0: it must be at least 1'),
  ],
)
def test_a_number_out_of_range_is_refused(fields, message: str):
  with pytest.raises(UserError, match=message):
    Engine(**fields)


@pytest.mark.parametrize(
  ('flags', 'runner'),
  [
    ([], 'local'),
    (['--job_name=a'], 'local'),
    (['--runner=FnApiRunner'], 'FnApiRunner'),
    (['--runner', 'DataflowRunner'], 'DataflowRunner'),
  ],
)
def test_work_is_local_unless_a_runner_is_named(flags: list[str], runner: str):
  engine = Engine(beam_flags=flags)
  assert engine.runner == runner
  assert engine.is_local == (runner == 'local')
  assert (engine.local_runner(plan(1), 'out') is None) != engine.is_local
  # A service is prepared by changing them.
  assert engine.options is engine.options


def test_a_runner_that_is_not_there_is_told_before_the_run():
  Engine().check()
  Engine(beam_flags=['--runner=FnApiRunner']).check()
  with pytest.raises(UserError, match=r'Beam refuses its options: .*NoRunner'):
    Engine(beam_flags=['--runner=NoRunner']).check()


@pytest.mark.parametrize(
  ('megabytes', 'workers'), [(0, 1), (30, 1), (50, 2), (10_000, 5)]
)
def test_a_small_run_has_few_workers(monkeypatch, megabytes, workers: int):
  monkeypatch.setattr(local, 'cores', lambda: 5)
  made = Engine().local_runner(plan(megabytes), 'out')
  assert made is not None
  assert made.workers == workers
  made = Engine(local_workers=3).local_runner(plan(megabytes), 'out')
  assert made.workers == 3


def test_workers_need_what_they_begin_with():
  engine = Engine(local_workers=3, local_memory_mb=200)
  with pytest.raises(UserError, match=r'is 200: 3 workers take at least \d+'):
    engine.local_runner(plan(1), 'out')
  assert Engine(local_workers=1, local_memory_mb=9999).local_runner(
    plan(1), 'out'
  )
