"""The local runner groups like Beam, and names what fails."""

import os

import pytest
from support.local_calls import (
  Calling,
  fail_some,
  numbers,
  own_pid,
  run,
  save,
  spread,
)

from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.engines.local import runner as runner_lib


@pytest.mark.parametrize('size', [0, 100_000])
@pytest.mark.parametrize('workers', [1, 2])
def test_groups_are_whole_and_in_order(tmp_path, workers: int, size: int):
  runner = local.LocalRunner(workers, scratch=str(tmp_path))
  steps = (
    ('List', Calling(numbers, 7)),
    ('Group', None),
    ('Spread', Calling(spread, size)),
    ('Again', None),
    ('Save', Calling(save, str(tmp_path))),
  )
  runner.run(Chain(steps))
  found = {p.name: p.read_text() for p in tmp_path.iterdir()}
  groups = {0: [0, 3, 6], 1: [1, 4], 2: [2, 5], 3: [0, 1, 2, 3, 4, 5, 6]}
  assert found == {
    f'group-{key}': f'{group} {{{size}}}\n' for key, group in groups.items()
  }


@pytest.mark.parametrize('workers', [1, 2])
def test_failed_calls_are_named_and_the_others_are_made(tmp_path, workers: int):
  with pytest.raises(local.WorkFailedError, match='ValueError: no 1') as e:
    run(local.LocalRunner(workers), fail_some, str(tmp_path))
  assert [f.key for f in e.value.failures] == [1, 4]
  assert all('fail_some' in f.trace for f in e.value.failures)
  assert {p.name for p in tmp_path.iterdir()} == {'0', '2', '3', '5'}


def test_runs_share_the_workers_that_were_started(tmp_path):
  runner = local.LocalRunner(2)
  with runner.started():
    for folder in ('a', 'b'):
      (tmp_path / folder).mkdir()
      run(runner, own_pid, str(tmp_path / folder), count=20)
  first, second = (
    {path.read_text() for path in (tmp_path / folder).iterdir()}
    for folder in ('a', 'b')
  )
  assert str(os.getpid()) not in first | second
  assert len(first | second) <= 2


def test_cores_are_those_that_may_be_used():
  assert 1 <= local.cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(('forks', 'sharing'), [(True, 3), (False, 1)])
def test_only_forks_have_what_this_process_learnt(
  monkeypatch, forks: bool, sharing: int
):
  monkeypatch.setattr(runner_lib, 'may_fork', lambda: forks)
  assert local.LocalRunner(3).sharing == sharing
  assert local.LocalRunner(1).sharing == 1
