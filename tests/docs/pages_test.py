"""Runs what the pages of docs/ tell people to paste, page by page.

A block of code is run unless its class says what it needs: `needs-data`,
`needs-cloud`, or `made-before` (by what these tests bring). A file's contents
follow the paragraph that names it last, in backticks.
"""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import NamedTuple

import pytest
from support.house.modules import ROOT

PAGES = sorted(
  str(path.relative_to(ROOT))
  for path in (ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md'))
)
# Other tests run the blocks of these, with more to compare.
RUN_ELSEWHERE = ('docs/own_tasks.md', 'docs/exports.md')

NOT_RUN = {'needs-data', 'needs-cloud', 'made-before'}
FILES = {'toml', 'json', 'csv', 'yaml'}

# What these tests do themselves.
_BEFORE = re.compile(r'^(?:make demo\b.*|\. \.venv/bin/activate)\n', re.M)
_FENCED = re.compile(r'^```(\{[^}]*\}|\w*)\n(.*?)^```$', re.M | re.S)
_INDENTED = re.compile(r'(?:^|\n\n)((?: {4}.*\n)+)')
_NAME = re.compile(r'`([\w./]+\.(?:toml|json|jsonl|csv|yaml))`')


class Block(NamedTuple):
  """A block of code: its language, its classes, its text, a file's name."""

  language: str
  classes: frozenset[str]
  text: str
  file: str


def blocks(page: str) -> Iterator[Block]:
  """The fenced blocks of a page, in order."""
  end = 0
  for match in _FENCED.finditer(page):
    words = re.findall(r'[\w-]+', match[1])
    before = page[end : match.start()].rstrip().rpartition('\n\n')[2]
    names = _NAME.findall(before)
    end = match.end()
    language, *classes = words or ['']
    yield Block(
      language, frozenset(classes), match[2], names[-1] if names else ''
    )


def script(page: str) -> str:
  """One script of Bash for a whole page; '' if nothing in it is run."""
  parts = []
  for block in blocks(page):
    if block.classes & NOT_RUN:
      continue
    if block.language == 'sh':
      parts.append(_BEFORE.sub('', block.text))
    elif block.language == 'python':
      parts.append(f"python - <<'END'\n{block.text}END\n")
    elif block.language in FILES and block.file:
      parts.append(
        f"mkdir -p $(dirname {block.file})\ncat > {block.file} <<'END'\n"
        f'{block.text}END\n'
      )
  return ''.join(parts)


RUN = [
  name
  for name in PAGES
  if name not in RUN_ELSEWHERE and script((ROOT / name).read_text())
]


@pytest.fixture(scope='module')
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
  """What `make demo` leaves, but for its runs."""
  with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(ROOT / 'scripts')
    import demo_tasks
    import prose

  folder = tmp_path_factory.mktemp('demo')
  prose.write_corpus(folder / 'text', shards=4)
  prose.train_vocabulary(folder / 'vocabulary.model', size=4000)
  demo_tasks.write(folder / 'tasks')
  return folder


@pytest.mark.parametrize('name', RUN)
def test_what_a_page_says_to_paste_works(name: str, demo: Path, tmp_path: Path):
  (tmp_path / 'README.md').symlink_to(ROOT / 'README.md')
  (tmp_path / 'build').mkdir()
  (tmp_path / 'build' / 'demo').symlink_to(demo)
  path = f'{Path(sys.executable).parent}:{os.environ["PATH"]}'
  done = subprocess.run(
    ['bash', '-euo', 'pipefail', '-c', script((ROOT / name).read_text())],
    check=False,
    cwd=tmp_path,
    env={**os.environ, 'PATH': path},
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stdout + done.stderr


# In a process of its own: the notebook registers names with seqio.
RUN_NOTEBOOK = """
import notebook
cells = notebook.read()['cells']
printed = [bool(cell.get('outputs')) for cell in cells]
notebook.run(cells)
assert printed == [bool(cell.get('outputs')) for cell in cells]
"""


def test_the_cells_of_the_notebook_run(demo: Path, tmp_path: Path):
  (tmp_path / 'build').mkdir()
  (tmp_path / 'build' / 'demo').symlink_to(demo)
  done = subprocess.run(
    [sys.executable, '-c', RUN_NOTEBOOK],
    check=False,
    cwd=tmp_path,
    env={
      **os.environ,
      'PYTHONPATH': f'{ROOT / "scripts" / "site"}:'
      f'{os.environ.get("PYTHONPATH", "")}',
      'HF_HOME': str(tmp_path / 'hub'),
      'HF_HUB_OFFLINE': '1',
    },
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stderr
  assert (tmp_path / 'out' / 'notebook' / 'parquet' / 'manifest.json').exists()


@pytest.mark.parametrize('name', PAGES)
def test_commands_are_in_fences_with_a_language_that_is_run_or_marked(
  name: str,
):
  page = (ROOT / name).read_text()
  for block in blocks(page):
    assert block.language in {'sh', 'python', 'text', *FILES}, block
    assert block.classes <= NOT_RUN, block
  outside = _FENCED.sub('', page)
  for text in _INDENTED.findall(outside):
    assert not re.search(r'^ *(ul2-flan|python -m|make|git) ', text, re.M), text


def test_blocks_and_their_files_are_found(tmp_path: Path):
  page = (
    'Write `a.toml`:\n\n```toml\nx = 1\n```\n\n'
    '```{.sh .needs-data}\nfalse\n```\n```sh\ncat a.toml\n```\n'
  )
  assert [(block.language, block.file) for block in blocks(page)] == [
    ('toml', 'a.toml'),
    ('sh', ''),
    ('sh', ''),
  ]
  assert 'false' not in script(page)
  done = subprocess.run(
    ['bash', '-euc', script(page)],
    check=False,
    cwd=tmp_path,
    capture_output=True,
  )
  assert done.stdout == b'x = 1\n'
