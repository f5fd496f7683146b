"""Tables and plots are of what was kept, whichever arms these are."""

import gzip
import json
from pathlib import Path
import shutil

import pytest
from reproduce.arms import settings
from reproduce.telling import outcomes, tables, tell
from support.evaluation import kept_scores


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
  kept_scores.keep(folder, arm, 0, lines)


@pytest.mark.parametrize('arms', [['base'], ['base', 'lm', 'ul2r']])
def test_tables_and_plots_have_the_arms_that_are_there(
  tmp_path: Path, arms: list[str]
):
  results, told = tmp_path / 'results', tmp_path / 'told'
  results.mkdir()
  for number, arm in enumerate(arms):
    keep(results, arm, 3.0 - number)
  tell.write(results, told, settings('quick'))
  text = (told / 'report.md').read_text()
  assert '| `base` | 3.00 (3.00 to 3.00) |' in text
  better = (
    'UL2R beats as many steps of the same | -1.000 (-1.000 to -1.000): yes'
  )
  assert (better in text) == ('ul2r' in arms)
  for name in ('loss_by_compute', 'score_by_compute'):
    path = told / f'{name}.svg'
    assert path.exists() == ('ul2r' in arms) == (f']({name}.svg)' in text)
    assert 'ul2r' not in arms or '>ul2r</text>' in path.read_text()


def test_arms_of_one_seed_are_compared_within_it(tmp_path: Path):
  results = tmp_path / 'results'
  results.mkdir()
  for arm, nats in (('lm', 3.0), ('ul2r', 4.0), ('ul2r_s2s', 2.5)):
    keep(results, arm, nats)
  shutil.copy(results / 'lm.0.jsonl.gz', results / 'ul2r.1.jsonl.gz')
  made = tables.tables(outcomes.read(results))
  first, asked = (
    next(line for line in made['Attempts'] if start in line)
    for start in ('the first seed', '[S2S]')
  )
  assert '| +1.000 (+1.000 to +1.000): no |' in first
  assert '| -0.500 (-0.500 to -0.500): yes |' in asked


def test_a_page_gets_its_tables_and_plots(tmp_path: Path):
  results, page = tmp_path / 'results', tmp_path / 'page.md'
  results.mkdir()
  for arm in ('base', 'lm'):
    keep(results, arm, 3.0)
  with gzip.open(results / 'curves.jsonl.gz', 'wt') as f:
    for seed in (0, 1):
      line = {'arm': 'lm', 'seed': seed, 'steps': [*range(10, 110, 10)]}
      f.write(json.dumps(line | {'losses': [5.0 + seed] * 10}) + '\n')
  losses = {'loss': 4.0, 'loss_error': 0.01, 'held_out': 5.0}
  apart = {'apart': 0.25, 'apart_error': 0.125}
  speed = {'examples_per_second': 12.34, 'tokens_per_second': 4321.0}
  rows = {'rows': 8, 'examples': 22.25}
  (results / 'throughput.json').write_text(
    json.dumps({'packed': rows | speed | losses | apart})
  )
  page.write_text(
    'Before.\n\n<!-- table: Throughput -->\nold\n<!-- end -->\n\nAfter.\n'
  )
  for _ in range(2):
    tell.fill(page, results, settings('full'))
    text = page.read_text()
    assert (
      '| packed | 8 | 22.2 | 12.3 | 4,321 | 4.000 ± 0.010 | 5.000 '
      '| +0.250 ± 0.125 |\n'
    ) in text
    assert text.startswith('Before.')
    assert text.endswith('<!-- end -->\n\nAfter.\n')
    assert 'old' not in text
  # The first seed's, smoothed: one height.
  assert '>lm</text>' in (tmp_path / 'page' / 'training.svg').read_text()


def test_short_curves_are_not_drawn(tmp_path: Path):
  results, told = tmp_path / 'results', tmp_path / 'told'
  results.mkdir()
  for arm in ('base', 'lm'):
    keep(results, arm, 3.0)
  line = {'arm': 'lm', 'seed': 0, 'steps': [10, 20], 'losses': [5.0, 4.0]}
  with gzip.open(results / 'curves.jsonl.gz', 'wt') as f:
    f.write(json.dumps(line) + '\n')
  tell.write(results, told, settings('quick'))
  assert 'training.svg' not in (told / 'report.md').read_text()


def test_a_page_asks_for_no_table_that_there_is_not(tmp_path: Path):
  page = tmp_path / 'page.md'
  page.write_text('<!-- table: No such -->\n<!-- end -->\n')
  with pytest.raises(KeyError, match='No such'):
    tell.fill(page, tmp_path, settings('full'))
