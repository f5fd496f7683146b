"""`report` writes a page beside a run, and never over another file."""

import os
from pathlib import Path
import shutil

import pytest

from ul2_flan.pipelines import verify
from ul2_flan.pipelines.report import __main__ as report
from ul2_flan.pipelines.report import page
from ul2_flan.tasks.errors import UserError


def test_a_page_beside_the_run_disturbs_nothing(tmp_path, shown_runs, capsys):
  output = shutil.copytree(shown_runs['ul2'].output, tmp_path / 'run')
  for _ in range(2):  # a page of ours is written anew
    assert report.main([str(output)]) == 0
  path = output / 'report.html'
  said = capsys.readouterr().out
  assert said.startswith(f'{path}: ')
  assert 'Open it in a browser' in said
  assert page.MARK in path.read_text()
  assert verify.main([str(output)]) == 0


def test_the_page_is_the_same_each_time(tmp_path: Path, shown_runs):
  pages = []
  for name in ('a.html', 'b.html'):
    path = tmp_path / name
    report.main([shown_runs['packed'].output, '--output', str(path)])
    pages.append(path.read_bytes())
  assert pages[0] == pages[1]


@pytest.mark.parametrize('kind', ['file', 'folder'])
def test_another_file_is_not_touched(tmp_path: Path, shown_runs, kind: str):
  path = tmp_path / 'notes'
  path.write_text('mine') if kind == 'file' else path.mkdir()
  with pytest.raises(UserError, match='is no page of `ul2-flan report`'):
    report.main([shown_runs['ul2'].output, '--output', str(path)])
  assert os.listdir(tmp_path) == ['notes']


def test_a_run_that_is_not_there_is_told(tmp_path: Path):
  with pytest.raises(UserError, match=r'there is no .*manifest\.json'):
    report.main([str(tmp_path)])
  assert os.listdir(tmp_path) == []
