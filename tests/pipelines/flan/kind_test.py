"""The kind `flan` is found by its name and has what a command needs."""

from pathlib import Path

from support.plans import plan_of
from support.task_files import NIV2, write_niv2

from ul2_flan.pipelines.flan.kind import KIND
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.tasks import catalog
from ul2_flan.tasks.vocabulary import Vocabulary


def test_it_is_found_by_its_name():
  assert kind_of('flan') is KIND


def test_the_vocabulary_knows_that_rows_come_in_each_setting(
  tmp_path: Path, vocabulary_path: str, monkeypatch
):
  write_niv2(tmp_path, NIV2[0], 9)
  flags = ['--suites=niv2', f'--source=niv2={tmp_path}']
  plan = plan_of('flan', [*flags, f'--vocabulary={vocabulary_path}'])
  settings = len(plan.data_sets)
  assert settings > 1
  told = []
  monkeypatch.setattr(
    Vocabulary, 'expect', lambda self, *given: told.append(given)
  )
  KIND.prepare(plan, 2)
  # Of two processes, one does the only work item.
  assert told == [(plan.estimate['tokens'], settings, 1)]


def test_a_run_has_no_variant():
  assert KIND.variant({'name': 'flan'}) == ''


def test_the_help_names_every_flag_and_suite():
  told = command.make_parser(KIND).format_help()
  for group in KIND.flags:
    assert group.title in told
    for flag in group.flags:
      assert f'--{flag.name}' in told
  assert all(f'  {suite}: ' in told for suite in catalog.suites())
