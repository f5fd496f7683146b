"""Writes tables and plots of what was kept, without training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from reproduce.arms import Settings
from reproduce.telling import outcomes, plots, scaling
from reproduce.telling import page as pages
from reproduce.telling.outcomes import (
  Measure,
  Outcomes,
  accuracy,
  loss,
  normalised,
)
from reproduce.training import curves, throughput

from ul2_flan.tasks.evaluation.report.intervals import Interval

# What is measured: a column's title, its measure, and its tasks.
TEXT = (
  ('causal', loss, ('text:held_out:*',)),
  ('prefix', loss, ('text:held_out_no_modes:s_50',)),
  ('prefix, [S2S]', loss, ('text:held_out_ul2r:s_50',)),
  ('infilling', loss, ('text:held_out_no_modes:[rx]_*',)),
  ('infilling, mode', loss, ('text:held_out_ul2r:[rx]_*',)),
)
RANKED = ('bbes_*', 'flan_0:*')
TASKS = (
  ('NIv2, zero-shot', loss, ('niv2:*:zs_opt',)),
  ('NIv2, few-shot', loss, ('niv2:*:fs_opt',)),
  ('ranked, zero-shot', loss, ('bbes_0:*', 'flan_0:*')),
  ('ranked, few-shot', loss, ('bbes_3:*',)),
)
SCORES = (
  ('accuracy, zero-shot', accuracy, ('bbes_0:*', 'flan_0:*')),
  ('accuracy, few-shot', accuracy, ('bbes_3:*',)),
  ('normalised, zero-shot', normalised, ('bbes_0:*', 'flan_0:*')),
  ('normalised, few-shot', normalised, ('bbes_3:*',)),
  ('normalised average', normalised, RANKED),
)
Columns = Sequence[tuple[str, Measure, tuple[str, ...]]]

MAIN = ('base', 'lm', 'ul2r', 'half_ul2r', 'base_flan', 'lm_flan', 'ul2r_flan')
CLAIMS = (
  ('UL2R beats as many steps of the same', 'ul2r', 'lm'),
  ('UL2R beats the base', 'ul2r', 'base'),
  ('UL2R of half the base beats all of it', 'half_ul2r', 'base'),
  ('Flan beats the base', 'base_flan', 'base'),
  ('UL2R then Flan beats Flan alone', 'ul2r_flan', 'base_flan'),
  ('UL2R then Flan beats as many steps, then Flan', 'ul2r_flan', 'lm_flan'),
  ('UL2R then Flan beats UL2R alone', 'ul2r_flan', 'ul2r'),
)


def write(results: Path, output: Path, size: Settings) -> None:
  """Writes the page `report.md`, and its plots as SVG beside it.

  Args:
    results: the folder of kept files.
    output: a folder.
    size: how much was trained.
  """
  found = outcomes.read(results)
  made = _all(found, results)
  output.mkdir(parents=True, exist_ok=True)
  parts = [
    f'## {title}\n\n' + '\n'.join(lines) for title, lines in made.items()
  ]
  parts += [f'![]({name}.svg)' for name in _draw(found, results, output, size)]
  text = '\n\n'.join(parts) + '\n'
  (output / 'report.md').write_text(text, encoding='utf-8')
  print(text)


def fill(page: Path, results: Path, size: Settings) -> None:
  """Fills a page's tables, and the plots in `reproduction` beside it.

  Args:
    page: with places that `page.py` describes.
    results: as in `write`.
    size: as in `write`.
  """
  found = outcomes.read(results)
  pages.fill(page, _all(found, results))
  _draw(found, results, page.with_suffix(''), size)


def _all(found: Outcomes, results: Path) -> dict[str, list[str]]:
  return tables(found) | {
    'Mixtures': scaling.table(results),
    'Throughput': throughput.table(results),
  }


def _draw(
  found: Outcomes, results: Path, folder: Path, size: Settings
) -> list[str]:
  """Draws all plots; returns their names."""
  folder.mkdir(exist_ok=True)
  drawings = plots.drawings(found, curves.read(results), size)
  drawings |= scaling.drawings(found, results)
  for name, drawing in drawings.items():
    (folder / f'{name}.svg').write_text(drawing, encoding='utf-8')
  return [*drawings]


def tables(found: Outcomes) -> dict[str, list[str]]:
  """Returns the lines of each table, in Markdown."""
  decoders = [arm for arm in found.by_arm if not arm.startswith('t5')]
  main = [arm for arm in MAIN if arm in decoders]
  encoders = [
    arm for arm in found.by_arm if arm.startswith('t5') and 'half' not in arm
  ]
  ablations = [a for a in decoders if a.startswith(('lm_flan', 'ul2r_flan'))]
  ablations = [a for a in ablations if 'half' not in a]
  wanted = {
    'Held-out text, nats a token': (main, TEXT),
    'Held-out tasks, nats a token of the right target': (main, TASKS),
    'Held-out tasks with choices, percent': (main, SCORES),
    'Other mixtures, and other attention': (
      ablations,
      (*TASKS[:2], *SCORES[2:]),
    ),
    'Encoder-decoders, nats a token': (encoders, (*TEXT[3:], *TASKS)),
  }
  made = {
    title: list(_table(found, arms, columns))
    for title, (arms, columns) in wanted.items()
  }
  return {'What beats what': list(_claims(found)), **made}


def _table(
  found: Outcomes, arms: Sequence[str], columns: Columns
) -> Iterator[str]:
  yield f'| | {" | ".join(title for title, _, _ in columns)} |'
  yield f'|---|{"--:|" * len(columns)}'
  for arm in arms:
    cells = (
      _cell(found.mean(arm, measure, *tasks)) for _, measure, tasks in columns
    )
    yield f'| `{arm}` | {" | ".join(cells)} |'


def _claims(found: Outcomes) -> Iterator[str]:
  columns = (
    ('NIv2, nats a token', loss, ('niv2:*',)),
    ('ranked, nats a token', loss, RANKED),
    ('normalised average', normalised, RANKED),
  )
  yield f'| | {" | ".join(title for title, _, _ in columns)} |'
  yield f'|---|{"--:|" * len(columns)}'
  for claim, arm, other in CLAIMS:
    if not {arm, other} <= found.by_arm.keys():
      continue
    cells = (
      _difference(
        found.mean(arm, measure, *tasks, minus=other), measure is loss
      )
      for _, measure, tasks in columns
    )
    yield f'| {claim} | {" | ".join(cells)} |'


def _cell(value: Interval) -> str:
  return f'{value.value:.2f} ({value.low:.2f} to {value.high:.2f})'


def _difference(value: Interval, less_is_better: bool) -> str:
  """Tells how far two arms are apart, and what that says of the claim."""
  better = -value.value if less_is_better else value.value
  says = 'yes' if better > 0 else 'no'
  if value.has_zero:
    says = 'not told apart'
  return f'{value.value:+.3f} ({value.low:+.3f} to {value.high:+.3f}): {says}'
