"""The documentation can be built without a warning, and has what it must."""

import os
from pathlib import Path
import re
import subprocess
import sys

import pytest
from support.house.modules import ROOT


@pytest.fixture(scope='module')
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
  folder = tmp_path_factory.mktemp('site')
  built = subprocess.run(
    [sys.executable, '-m', 'mkdocs', 'build', '--site-dir', str(folder)],
    check=False,
    cwd=ROOT,
    env={**os.environ, 'NO_MKDOCS_2_WARNING': '1'},
    capture_output=True,
    text=True,
  )
  # `strict`: a dead link, or an anchor that is nowhere, is an error.
  assert built.returncode == 0, built.stdout + built.stderr
  return folder


def test_each_page_of_docs_is_in_the_menu(site: Path):
  menu = (ROOT / 'mkdocs.yml').read_text()
  for page in (ROOT / 'docs').rglob('*.md'):
    name = str(page.relative_to(ROOT / 'docs'))
    assert f'- {name}\n' in menu
    assert (site / name).with_suffix('.html').exists()


def test_commands_and_public_modules_have_their_reference(site: Path):
  commands = (site / 'reference/commands.html').read_text()
  assert 'ul2-flan contamination' in commands
  assert '--on_sentinel_overflow' in commands
  python = (site / 'reference/python.html').read_text()
  assert 'id="ul2_flan.tasks.denoising.sentinels.restore"' in python
  assert '&gt;&gt;&gt;' in python


def test_the_notebook_is_a_page_with_what_its_cells_print(site: Path):
  page = (site / 'notebook.html').read_text()
  assert 'encoder_input_tokens' in page
  assert 'extra_id_0' in page
  assert (site / 'notebook.ipynb').exists()


def test_pages_load_nothing_from_elsewhere(site: Path):
  """A page can be read on a machine without a network."""
  for page in site.rglob('*.html'):
    loaded = re.findall(
      r'<(?:script|img|link)[^>]*(?:src|href)="(https?:[^"]*)"',
      page.read_text(),
    )
    assert not loaded, page
