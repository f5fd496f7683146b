"""Arms are trained at once, each after the one that it starts from."""

import os
from pathlib import Path
import threading

import pytest
from reproduce.arms import Arm, Settings, arms, settings
from reproduce.training import schedule, train

SIZE = settings('full')


class Trainer:
  """Trains nothing, and makes the checkpoint of an arm's end."""

  def __init__(self, failing: str = ''):
    self.trained: list[tuple[str, int]] = []
    self._failing = failing
    self._lock = threading.Lock()

  def one(
    self, arm: Arm, seed: int, size: Settings, output: Path, variables: dict
  ) -> None:
    if arm.name == self._failing:
      raise SystemExit('error: failed')
    if arm.after:
      assert train.checkpoint(
        arms()[arm.after], seed, size, output, arm.at
      ).parent.exists()
    train.checkpoint(arm, seed, size, output).mkdir(parents=True)
    assert len(os.sched_getaffinity(0)) == 1
    with self._lock:
      self.trained.append((arm.name, seed))


@pytest.fixture(autouse=True)
def no_jax(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(schedule, 'backend', lambda: 'cpu')


def test_all_are_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
  trainer = Trainer()
  monkeypatch.setattr(train, 'one', trainer.one)
  before = os.sched_getaffinity(0)
  for _ in range(2):
    schedule.run(SIZE, tmp_path)
  assert os.sched_getaffinity(0) == before
  pairs = [(arm.name, seed) for arm, seed in train.in_order(SIZE) if arm.steps]
  assert sorted(trainer.trained) == sorted(pairs)


def test_a_failure_ends_it_and_a_next_run_goes_on(
  tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(train, 'one', Trainer(failing='lm').one)
  with pytest.raises(SystemExit, match='failed'):
    schedule.run(SIZE, tmp_path)
  assert not (tmp_path / 'models' / 'lm_flan').exists()
  trainer = Trainer()
  monkeypatch.setattr(train, 'one', trainer.one)
  schedule.run(SIZE, tmp_path)
  assert ('lm_flan', 2) in trainer.trained
  assert ('base', 0) not in trainer.trained
