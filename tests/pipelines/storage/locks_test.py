"""Locks of folders: shared, or had alone, until the last holder ends."""

import fcntl
import os
from pathlib import Path
import threading

import pytest

from ul2_flan.pipelines.storage import locks


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
  monkeypatch.setattr(locks, '_SECONDS', 0)


def test_many_share_a_lock_and_nobody_has_it_alone_then(tmp_path: Path):
  folder = str(tmp_path)
  with locks.held(folder) as one, locks.held(folder) as two:
    assert one
    assert two
    with pytest.raises(BlockingIOError), locks.held(folder, alone=True):
      raise AssertionError('it must not come to this')
  with locks.held(folder, alone=True) as is_held:
    assert is_held
  assert list(tmp_path.iterdir()) == []


def test_who_would_share_a_lock_waits_for_it(tmp_path: Path):
  done: list[str] = []

  def share() -> None:
    with locks.held(str(tmp_path)):
      done.append('shared')

  other = threading.Thread(target=share)
  with locks.held(str(tmp_path), alone=True):
    other.start()
    done.append('alone')
  other.join()
  assert done == ['alone', 'shared']


def test_a_fork_keeps_a_lock_only_as_long_as_its_parent_does(
  tmp_path: Path, monkeypatch
):
  copies: list[int] = []
  flock = fcntl.flock

  def forked(descriptor: int, how: int) -> None:
    flock(descriptor, how)
    copies.append(os.dup(descriptor))  # as a fork has one

  monkeypatch.setattr(fcntl, 'flock', forked)
  with locks.held(str(tmp_path)):
    pass
  monkeypatch.undo()
  with locks.held(str(tmp_path), alone=True) as is_held:
    assert is_held
  for copy in copies:
    os.close(copy)


@pytest.mark.parametrize('folder', ['no/such/folder', 'gs://bucket/out'])
def test_there_is_no_lock_without_a_folder(folder: str):
  for alone in (False, True):
    with locks.held(folder, alone=alone) as is_held:
      assert not is_held


def test_a_file_system_without_locks_keeps_nobody_out(tmp_path, monkeypatch):
  def none(descriptor: int, how: int) -> None:
    raise OSError(95, 'Operation not supported')

  monkeypatch.setattr(fcntl, 'flock', none)
  with locks.held(str(tmp_path), alone=True) as is_held:
    assert not is_held
