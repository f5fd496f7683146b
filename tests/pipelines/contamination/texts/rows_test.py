"""Rows of tasks are found before any run has made examples of them."""

import dataclasses
import json

import pytest

from ul2_flan.pipelines import contamination, flan, verify
from ul2_flan.pipelines.contamination.texts.rows import find_rows, read_rows
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)
TASK = 'niv2:task190_snli_classification'


@pytest.fixture
def sources(made):
  return {'niv2': [str(made.folder / 'niv2')]}


def test_a_row_has_all_that_templates_show(sources):
  (piece,), known = find_rows(sources, 'out')
  assert (piece.split, [*known]) == (TASK, [TASK])
  (rows,) = read_rows(piece, known)
  assert len(rows) == 21
  for text in rows.texts:
    assert 'Say yes.' in text
    assert ' yes' in text
  assert rows.place(20).where == f'{piece.path}:20'


def test_rows_that_no_run_uses_are_rejects(made, tmp_path):
  (found,) = (made.folder / 'niv2').iterdir()
  task = json.loads(found.read_text())
  task['Instances'][3]['output'] = ['']
  file = tmp_path / found.name
  file.write_text(json.dumps(task))
  (piece,), known = find_rows({'niv2': [str(tmp_path)]}, 'out')
  (rows,) = read_rows(piece, known)
  assert len(rows) == 20
  (reject,) = rows.rejects
  assert (reject.place, reject.detail) == (3, TASK)


@pytest.fixture
def report(made, sources, tmp_path):
  """What a search through the rows alone found."""
  config = contamination.Config(sources=sources, evaluation=made.suites)
  contamination.run(config, output=str(tmp_path / 'report'), engine=ONE)
  return tmp_path / 'report'


def test_rows_touch_what_their_examples_touch(made, report, tmp_path):
  contamination.run(
    made.config('flan'), output=str(tmp_path / 'examples'), engine=ONE
  )
  found = {}
  for folder in (report, tmp_path / 'examples'):
    items = folder / 'contamination/items/test-00000-of-00001.jsonl'
    lines = map(json.loads, items.read_text().splitlines())
    of = [line for line in lines if line['touched']]
    found[folder.name] = [
      (line['id'], line['share'], [by['task'] for by in line['by']])
      for line in of
    ]
  assert found['report'] == found['examples'] == [('test-3', 1.0, [TASK])]
  assert verify.verify(str(report), quick=False).problems == []
  assert TASK in (report / 'summary.txt').read_text()


def test_their_keys_leave_them_out_of_a_run(made, report, tmp_path):
  config = dataclasses.replace(made.flan, without_keys=str(report))
  made = flan.run(config, output=str(tmp_path / 'flan'), engine=ONE)
  counts = made.run['counts'][TASK]
  assert counts['dropped/left_out_by_key'] == 1


def test_folders_without_a_task_are_told(made, tmp_path):
  config = contamination.Config(
    sources={'niv2': [str(made.folder / 'mgsm')]}, evaluation=made.suites
  )
  with pytest.raises(UserError, match=r'--source niv2.* none of'):
    contamination.plan(config, output=str(tmp_path / 'out'))
