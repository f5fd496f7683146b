"""Programs of T5X are started on several hosts."""

import sys

import pytest

from ul2_flan.trainer_plugin import __main__ as hosts


@pytest.fixture
def calls(monkeypatch) -> list:
  """What is called, in order."""
  made: list = []
  monkeypatch.setattr(
    hosts.jax.distributed,
    'initialize',
    lambda *places, **more: made.append((places, more)),
  )
  monkeypatch.setattr(
    hosts.runpy,
    'run_module',
    lambda name, **more: made.append((name, sys.argv)),
  )
  monkeypatch.setattr(sys, 'argv', ['before'])
  return made


def test_the_hosts_find_each_other_before_the_program_starts(calls):
  given = ['t5x.eval', '--gin_file=a.gin', '--multiprocess_gpu']
  given += ['--coordinator_address=h:1', '--process_count=2']
  assert hosts.main([*given, '--process_index=1', '--gin.X=-1']) == 0
  assert calls == [
    (('h:1', 2, 1), {'initialization_timeout': 300}),
    ('t5x.eval', ['t5x.eval', '--gin_file=a.gin', '--gin.X=-1']),
  ]


def test_on_a_tpu_they_are_found(calls):
  assert hosts.main(['t5x.infer', '--multiprocess_gpu']) == 0
  assert calls[0][0] == (None, None, None)


def test_one_host_starts_nothing_else(calls):
  assert hosts.main(['t5x.eval', '--gin.X=1']) == 0
  assert calls == [('t5x.eval', ['t5x.eval', '--gin.X=1'])]


def test_another_program_is_refused(calls, capsys):
  assert hosts.main(['t5x.evel']) == 2
  assert "Did you mean 't5x.eval'" in capsys.readouterr().err
  assert not calls
