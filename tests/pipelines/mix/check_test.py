"""A shuffle that an engine cannot do is refused, with the remedy."""

import dataclasses
import re

import pytest

from ul2_flan.pipelines.engines import Engine, memory
from ul2_flan.pipelines.mix.check import check
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.errors import UserError

PLAN = Plan('mix', {'pack': None}, (), {}, {'bytes': 100_000_000}, {})
IN_MEMORY = Engine(beam_flags=['--runner=FnApiRunner'])


def test_the_passes_that_are_asked_for_are_enough(monkeypatch):
  monkeypatch.setattr(memory, 'available', lambda: 90_000_000)
  with pytest.raises(UserError, match='keeps what it shuffles in memory') as e:
    check(PLAN, IN_MEMORY)
  passes = int(re.search(r'Give --passes (\d+)', str(e.value))[1])
  assert passes > 1
  check(PLAN, dataclasses.replace(IN_MEMORY, passes=passes))


def test_what_shuffles_on_disk_needs_no_memory(monkeypatch):
  monkeypatch.setattr(memory, 'available', lambda: 1000)
  check(PLAN, Engine())
  for runner in ('FlinkRunner', 'spark', 'DataflowRunner', 'PortableRunner'):
    check(PLAN, Engine(beam_flags=[f'--runner={runner}']))


@pytest.mark.parametrize(
  'runner',
  [
    'fnapi',
    'directrunner',
    'SwitchingDirectRunner',
    'PrismRunner',
    'apache_beam.runners.portability.fn_api_runner.FnApiRunner',
  ],
)
def test_a_runner_that_shuffles_in_memory_has_several_names(
  runner: str, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(memory, 'available', lambda: 1000)
  with pytest.raises(UserError, match='keeps what it shuffles in memory'):
    check(PLAN, Engine(beam_flags=[f'--runner={runner}']))


def test_nothing_is_said_where_nobody_knows_the_memory(monkeypatch):
  monkeypatch.setattr(memory, 'available', lambda: None)
  check(PLAN, IN_MEMORY)


def test_passes_need_somebody_who_waits():
  left = Engine(no_wait=True, passes=2)
  with pytest.raises(UserError, match='leave out --no_wait'):
    check(PLAN, left)
  check(PLAN, dataclasses.replace(left, passes=1))
