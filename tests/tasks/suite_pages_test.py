"""The pages of the suites are those that the catalog makes."""

import pytest
from support.house.modules import ROOT

from ul2_flan.tasks import catalog, suite_pages
from ul2_flan.tasks.evaluation import suites

FOLDER = ROOT / 'docs/suites'


@pytest.mark.parametrize('suite', catalog.suites())
def test_a_page_is_current(suite: str):
  path = FOLDER / f'{suite}.md'
  # python -m ul2_flan.tasks.suite_pages docs/suites
  assert path.read_text() == suite_pages.page(suite)


def test_the_page_of_the_benchmarks_is_current():
  text = (FOLDER / 'nlp.md').read_text()
  assert text == suite_pages.benchmarks_page('nlp')
  for task in suites.load('nlp').tasks.values():
    assert f'| {task.key} | ' in text
    assert f'### {task.key}\n' in text
    assert task.paper in text


def test_each_suite_has_a_page_and_each_task_a_line():
  assert {path.stem for path in FOLDER.iterdir()} == {*catalog.suites(), 'nlp'}
  for suite in catalog.suites():
    text = (FOLDER / f'{suite}.md').read_text()
    for task in catalog.tasks(suite=suite):
      assert f'| {task.name.partition(":")[2]}' in text
      assert f'### {task.family}\n' in text


def test_what_is_gone_and_what_is_unknown_stands_out():
  text = (FOLDER / 'flan2021.md').read_text()
  assert 'huggingface/datasets#7573' in text
  assert '| **UNKNOWN** | ' in text


def test_pages_are_written_to_a_folder(tmp_path, monkeypatch):
  monkeypatch.setattr(suite_pages, 'page', lambda suite: suite)
  suite_pages.main(str(tmp_path / 'pages'))
  assert (tmp_path / 'pages/cot.md').read_text() == 'cot'
