"""Writes tables and plots of what was kept, without training."""

from __future__ import annotations

from pathlib import Path

from reproduce.arms import Settings
from reproduce.measuring import throughput
from reproduce.telling import outcomes, plots, scaling, tables
from reproduce.telling import page as pages
from reproduce.telling.outcomes import Outcomes
from reproduce.training import curves


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
  return tables.tables(found) | {
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
