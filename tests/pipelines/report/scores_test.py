"""Scores are those of `ul2-flan scores`, beside the papers' rows."""

from pathlib import Path

import pytest
from support.evaluation.predictions import predictions, write

from ul2_flan.pipelines.report import page, scores
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.average import PARTS


def test_ours_comes_first(tmp_path: Path):
  made = predictions(6, 8, [('mgsm', 'cot')])
  table = scores.of([write(tmp_path / 'a.jsonl', made)])
  ours, *papers = table.rows
  assert len(papers) == 20
  assert table.parts == [' '.join(part) for part in PARTS]
  assert ours.parts == [None] * 5 + [75]
  (*_, (low, high)) = ours.intervals
  assert low < 75 < high
  assert ours.average is None
  html = page.render([], table).decode()
  assert html.count('<tr') == 22
  assert 'Flan-U-PaLM 540B' in html


def test_no_files_give_no_table():
  assert scores.of([]) is None
  assert 'id="scores"' not in page.render([]).decode()


def test_files_without_predictions_are_refused(tmp_path: Path):
  (tmp_path / 'a.jsonl').write_text('')
  with pytest.raises(UserError, match=r'--predictions .*a\.jsonl: there are'):
    scores.of([str(tmp_path / 'a.jsonl')])
