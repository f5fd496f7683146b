"""Tables and plots are of what was kept, whichever arms these are."""

import gzip
import json
from pathlib import Path

import pytest
from reproduce import tell
from reproduce.arms import settings


def keep(folder: Path, arm: str, nats: float) -> None:
  tasks = (
    *('text:held_out:causal', 'text:held_out_no_modes:s_50'),
    *('text:held_out_no_modes:r_3_15', 'text:held_out_ul2r:s_50'),
    *('text:held_out_ul2r:r_3_15', 'niv2:a:zs_opt', 'niv2:a:fs_opt'),
  )
  lines = [
    {'task': task, 'id': str(i), 'scores': [-nats], 'tokens': [1]}
    for task in tasks
    for i in range(3)
  ]
  lines += [
    {
      'task': task,
      'id': str(i),
      'scores': [-nats, -nats - 1],
      'tokens': [1, 1],
      'credits': [1.0, 0.0],
    }
    for task in ('bbes_0:bbes:x', 'bbes_3:bbes:x')
    for i in range(3)
  ]
  with gzip.open(folder / f'{arm}.0.jsonl.gz', 'wt') as f:
    f.writelines(f'{json.dumps(line)}\n' for line in lines)


@pytest.mark.parametrize(
  'arms', [['base'], ['base', 'base_half', 'lm', 'ul2r']]
)
def test_tables_and_plots_have_the_arms_that_are_there(
  tmp_path: Path, arms: list[str]
):
  results, told = tmp_path / 'results', tmp_path / 'told'
  results.mkdir()
  for number, arm in enumerate(arms):
    keep(results, arm, 3.0 - number)
  tell.write(results, told, settings('quick'))
  text = (told / 'tables.md').read_text()
  assert '| `base` | 3.00 (3.00 to 3.00) |' in text
  better = (
    'UL2R beats as many steps of the same | -1.000 (-1.000 to -1.000): yes'
  )
  assert (better in text) == ('ul2r' in arms)
  for name in ('loss_by_compute', 'score_by_compute'):
    path = told / f'{name}.svg'
    assert path.exists() == ('ul2r' in arms)
    assert 'ul2r' not in arms or '>ul2r</text>' in path.read_text()
