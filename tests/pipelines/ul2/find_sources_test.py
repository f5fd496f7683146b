"""Sources are found by path, pattern and folder."""

from pathlib import Path

import pytest
from support.corpora import write

from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.tasks.errors import UserError


def test_folders_are_read_without_what_engines_hide(tmp_path: Path):
  names = ['b.jsonl', 'a.txt', 'sub/c.jsonl', 'sub/deep/d.jsonl']
  hidden = ['_SUCCESS', '.a.txt.crc', '_temporary/0/x.jsonl', 'sub/.git/y.txt']
  for name in (*names, *hidden):
    write(tmp_path / '_in' / name, b'x')
  expected = sorted(str(tmp_path / '_in' / name) for name in names)
  for folder in (f'{tmp_path}/_in', f'{tmp_path}/_in/'):
    found = find_sources([folder])
    assert [*found.files] == [(path, 1) for path in expected]


def test_globs_and_paths_that_meet_give_each_file_once(tmp_path: Path):
  paths = [write(tmp_path / n, b'ab') for n in ('1.jsonl', '2.jsonl', '_3.txt')]
  patterns = [str(tmp_path / '*.jsonl'), paths[2], paths[0], str(tmp_path)]
  found = find_sources(patterns).files
  assert [*found] == [(path, 2) for path in paths]


@pytest.mark.parametrize(
  ('pattern', 'message'),
  [
    ('none.jsonl', r"--input '.*none\.jsonl' matches no file"),
    ('*.parquet', r"\*\.parquet' matches no file"),
    ('nowhere://a/*.jsonl', r"cannot open 'nowhere://a"),
  ],
)
def test_a_missing_source_is_told(tmp_path: Path, pattern: str, message: str):
  there = write(tmp_path / 'a.jsonl', b'x')
  pattern = pattern if '://' in pattern else str(tmp_path / pattern)
  with pytest.raises(UserError, match=message):
    find_sources([there, pattern])
