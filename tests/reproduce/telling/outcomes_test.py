"""Means and intervals of kept scores are what arithmetic says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reproduce.telling import outcomes
from reproduce.telling.outcomes import accuracy, loss, normalised
from support.evaluation.kept_scores import keep

QUESTIONS = 200


def ranked(rng: np.random.Generator, edge: float) -> list[dict[str, Any]]:
  """Questions of four choices; the right one has an edge, in nats."""
  lines = []
  for i in range(QUESTIONS):
    scores, right = rng.normal(size=4), i % 4
    scores[right] += edge
    lines.append(
      {
        'task': 'eval_0:x',
        'id': str(i),
        'scores': scores.tolist(),
        'tokens': [2] * 4,
        'credits': [float(j == right) for j in range(4)],
      }
    )
  return lines


def plain(value: float) -> list[dict[str, Any]]:
  """Questions of a task, with two targets of different lengths."""
  return [
    {'task': 'text:a', 'id': '0', 'scores': [-value], 'tokens': [1]},
    {'task': 'text:a', 'id': '1', 'scores': [-value * 3], 'tokens': [9]},
  ]


def test_a_loss_is_per_token(tmp_path: Path):
  keep(tmp_path, 'base', 0, plain(5.0))
  found = outcomes.read(tmp_path).mean('base', loss, 'text:*')
  assert found.value == pytest.approx(2.0)
  assert 5 / 3 - 1e-9 <= found.low < 2 < found.high <= 5 + 1e-9


def test_tasks_count_alike_whatever_their_size(tmp_path: Path):
  one = [{'task': 'text:b', 'id': '0', 'scores': [-4.0], 'tokens': [1]}]
  keep(tmp_path, 'base', 0, plain(5.0) + one)
  found = outcomes.read(tmp_path).mean('base', loss, 'text:*')
  assert found.value == pytest.approx((2.0 + 4.0) / 2)


def test_guesses_are_normalised_to_about_nothing(tmp_path: Path):
  keep(tmp_path, 'base', 0, ranked(np.random.default_rng(0), 0.0))
  found = outcomes.read(tmp_path)
  assert found.mean('base', normalised, 'eval_*').has_zero
  assert found.mean('base', accuracy, 'eval_*').value == pytest.approx(
    25, abs=9
  )


def test_all_right_is_a_hundred(tmp_path: Path):
  keep(tmp_path, 'base', 0, ranked(np.random.default_rng(0), 99.0))
  found = outcomes.read(tmp_path)
  assert found.mean('base', normalised, 'eval_*') == (100, 100, 100)


def test_an_edge_is_found_and_none_is_not(tmp_path: Path):
  for seed in range(3):
    keep(tmp_path, 'lm', seed, ranked(np.random.default_rng(seed), 2.0))
    keep(tmp_path, 'base', seed, ranked(np.random.default_rng(seed), 0.0))
    keep(tmp_path, 'ul2r', seed, ranked(np.random.default_rng(9 + seed), 0.0))
  found = outcomes.read(tmp_path)
  apart = found.mean('lm', accuracy, 'eval_*', minus='base')
  assert not apart.has_zero
  assert apart.value > 0
  assert found.mean('base', accuracy, 'eval_*', minus='ul2r').has_zero


def test_an_arm_does_not_differ_from_itself(tmp_path: Path):
  for seed in range(3):
    keep(tmp_path, 'lm', seed, ranked(np.random.default_rng(seed), 1.0))
  found = outcomes.read(tmp_path)
  assert found.mean('lm', accuracy, 'eval_*', minus='lm') == (0, 0, 0)


def test_seeds_that_only_one_arm_has_do_not_count(tmp_path: Path):
  keep(tmp_path, 'lm', 0, plain(5.0))
  keep(tmp_path, 'lm', 1, plain(99.0))
  keep(tmp_path, 'base', 0, plain(5.0))
  found = outcomes.read(tmp_path)
  assert found.mean('lm', loss, 'text:*', minus='base').value == 0
