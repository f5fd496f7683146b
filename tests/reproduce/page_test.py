"""The page's tables and plots are those of the results that are kept."""

from pathlib import Path
import shutil

from reproduce.arms import HERE, settings
from reproduce.telling import tell

ROOT = Path(__file__).parents[2]
RESULTS = HERE / 'results'


def test_the_page_is_of_the_kept_results(tmp_path: Path):
  page = ROOT / 'docs/reproduction.md'
  made = tmp_path / page.name
  shutil.copy(page, made)
  tell.fill(made, RESULTS, settings('full'))
  assert made.read_text() == page.read_text(), 'run `make reproduction`'
  plots = {
    path.name: path.read_text() for path in made.with_suffix('').iterdir()
  }
  kept = page.with_suffix('')
  assert plots == {path.name: path.read_text() for path in kept.iterdir()}
  for name in plots:
    assert f'](reproduction/{name})' in page.read_text()


def test_results_are_small():
  assert sum(path.stat().st_size for path in RESULTS.iterdir()) < 2e6
