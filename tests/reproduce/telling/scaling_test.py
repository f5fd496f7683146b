"""The curve over tasks has the mixtures that were trained, by their tasks."""

import json
from pathlib import Path

from reproduce.telling import outcomes, scaling
from support.evaluation import kept_scores


def keep(folder: Path, arm: str, seed: int, nats: float) -> None:
  one = {'task': 'niv2:a:zs_opt', 'id': '0', 'scores': [-nats], 'tokens': [1]}
  two = {'task': 'bbes_0:x', 'id': '0', 'scores': [-1, -2], 'tokens': [1, 1]}
  kept_scores.keep(folder, arm, seed, [one, two | {'credits': [1.0, 0.0]}])


def test_mixtures_are_by_their_tasks(tmp_path: Path):
  assert scaling.table(tmp_path) == []
  keep(tmp_path, 'ul2r_flan_cot', 0, 3.0)
  keep(tmp_path, 'ul2r_flan', 0, 2.0)
  # Of another seed, which the other mixture has not.
  keep(tmp_path, 'ul2r_flan', 1, 9.0)
  found = outcomes.read(tmp_path)
  assert scaling.drawings(found, tmp_path) == {}
  counts = {
    'mix_all': {'tasks': 225, 'epochs': 1.0},
    'mix_cot': {'tasks': 8, 'epochs': 1.7},
  }
  (tmp_path / scaling.NAME).write_text(json.dumps(counts))
  assert scaling.table(tmp_path)[2:] == [
    '| `mix_cot` | 8 | 1.7 |',
    '| `mix_all` | 225 | 1.0 |',
  ]
  drawn = scaling.drawings(found, tmp_path)
  assert drawn.keys() == {'loss_by_tasks', 'score_by_tasks'}
  plot = drawn['loss_by_tasks']
  assert 'tasks in the mixture' in plot
  assert '>225</text>' in plot
  # Half of (2 + 1) nats is the least, half of (3 + 1) the most.
  assert '>1.50</text>' in plot
  assert '>2.00</text>' in plot
